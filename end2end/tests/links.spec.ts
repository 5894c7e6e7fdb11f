import { expect, test, type Page } from '@playwright/test';
import { elsewhere, enter, field, fillSignUp, heading, main, onAccount, person, press, register, signIn, signUp, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(() => server.stop());

const NEW_PASSWORD = 'seven slow barges upstream';

async function isUseless(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expect(main(page).getByRole('alert').filter({ hasText: 'This link has expired or was already used.' })).toBeVisible();
}

test('the link made at first start makes the first administrator, once', async ({ page }) => {
  const link = server.setupLink;
  expect(link).toContain('/setup?token=');
  await page.goto(link);
  await heading(page, 'Set up Portreeve');
  await page.reload();
  const first = person('First Administrator');
  await fillSignUp(page, first);
  await press(page, 'Create account');
  await onAccount(page);
  await expect(main(page).getByText('Administrator', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Administration' }).click();
  await main(page).getByRole('link', { name: 'Users', exact: true }).click();
  await heading(page, 'Users');
  await expect(main(page).getByRole('rowheader').filter({ hasText: first.name })).toBeVisible();

  await page.evaluate(() => localStorage.clear());
  await isUseless(page, link);
});

test('opening the link of a mail changes nothing, its button confirms the address', async ({ page }) => {
  const ada = person('Ada Confirms');
  await signUp(page, server, ada);
  await expect(main(page).getByText('Not confirmed', { exact: true })).toBeVisible();
  const link = await server.link(ada.email, '/verify-email');

  await page.goto(link);
  await expect(main(page).getByText(ada.email)).toBeVisible();
  await page.goto(`${server.url}/account`);
  await expect(main(page).getByText('Not confirmed', { exact: true })).toBeVisible();

  await page.goto(link);
  await press(page, 'Confirm this address');
  await heading(page, 'Address confirmed');
  expect(page.url()).not.toContain('token');
  await main(page).getByRole('link', { name: 'Go to your account' }).click();
  await onAccount(page);
  await expect(main(page).getByText('Confirmed', { exact: true })).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'Your address' })).toBeHidden();
  await isUseless(page, link);
});

test('the banner sends the link again', async ({ page }) => {
  const ada = person('Ada Again');
  await signUp(page, server, ada);
  await server.link(ada.email, '/verify-email');
  const before = server.mails().length;
  await press(page, 'Send the link again');
  await expect(toast(page, 'We have sent you another link.')).toBeVisible();
  await expect.poll(() => server.mails().length).toBeGreaterThan(before);
});

test('a forgotten password is replaced by the link of a mail, and every device is signed out', async ({ page, browser, request }) => {
  const ada = person('Ada Forgets');
  await register(request, server, ada);
  const other = await elsewhere(browser, server, ada);

  await page.goto(`${server.url}/sign-in`);
  await page.getByRole('link', { name: 'Forgot it?' }).click();
  // The page for signing in has an Email too, until the next one is there.
  await heading(page, 'Forgot your password?');
  await field(page, 'Email').fill(ada.email);
  await press(page, 'Send the link');
  await heading(page, 'Look in your mail');
  const link = await server.link(ada.email, '/reset-password');

  await page.goto(link);
  await page.reload();
  await field(page, 'Password').fill('short');
  await press(page, 'Change password');
  await expect(field(page, 'Password')).toHaveAccessibleDescription(/Use at least 15 characters\./);
  await field(page, 'Password').fill(NEW_PASSWORD);
  await press(page, 'Change password');
  await heading(page, 'Password changed');
  expect(page.url()).not.toContain('token');

  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?next=\/account$/);
  await other.context().close();

  await main(page).getByRole('link', { name: 'Go to sign in' }).click();
  await enter(page, ada);
  await expect(main(page).getByText('That email and password do not match.')).toBeVisible();
  await enter(page, { ...ada, password: NEW_PASSWORD });
  await onAccount(page);
  await isUseless(page, link);
  await expect(main(page).getByRole('link', { name: 'Ask for another one' })).toBeVisible();
});

test('asking for a link says the same for an address without an account', async ({ page }) => {
  await page.goto(`${server.url}/forgot-password`);
  await field(page, 'Email').fill('nobody@example.org');
  await press(page, 'Send the link');
  await heading(page, 'Look in your mail');
  await expect(page.getByText('If nobody@example.org has an account, a message is on its way.')).toBeVisible();
});

test('an address changes by the link sent to the new one, and the old one is told', async ({ page }) => {
  const ada = person('Ada Moves');
  const moved = 'ada.moved@example.org';
  await signUp(page, server, ada);
  await press(page, 'Change address');
  const dialog = page.getByRole('dialog', { name: 'Change address' });
  await dialog.getByLabel('New email').fill(moved);
  await dialog.getByLabel('Password', { exact: true }).fill('not the one it is');
  await dialog.getByRole('button', { name: 'Send the link' }).click();
  await expect(dialog.getByText('That is not your current password.')).toBeVisible();
  await dialog.getByLabel('Password', { exact: true }).fill(ada.password);
  await dialog.getByRole('button', { name: 'Send the link' }).click();
  await expect(dialog).toBeHidden();
  await expect(main(page).getByText(`We sent a link to ${moved}`)).toBeVisible();

  const link = await server.link(moved, '/verify-email');
  await page.goto(link);
  await press(page, 'Change to this address');
  await heading(page, 'Address confirmed');
  await main(page).getByRole('link', { name: 'Go to your account' }).click();
  await onAccount(page);
  await expect(main(page).getByRole('definition').filter({ hasText: moved })).toBeVisible();
  const toOld = () => server.mails().filter((mail) => mail.to.includes(ada.email) && mail.text.includes(moved)).length;
  await expect.poll(toOld).toBeGreaterThan(0);
  await isUseless(page, link);
});

test('an address that somebody else took meanwhile is told, though the form has no field for it', async ({ page, request }) => {
  const ada = person('Ada Slow');
  const wanted = 'wanted@example.org';
  await signUp(page, server, ada);
  await press(page, 'Change address');
  const dialog = page.getByRole('dialog', { name: 'Change address' });
  await dialog.getByLabel('New email').fill(wanted);
  await dialog.getByLabel('Password', { exact: true }).fill(ada.password);
  await dialog.getByRole('button', { name: 'Send the link' }).click();
  await expect(dialog).toBeHidden();
  const link = await server.link(wanted, '/verify-email');

  await register(request, server, { ...person('Ada Quick'), email: wanted });
  await page.goto(link);
  await press(page, 'Change to this address');
  await expect(main(page).getByRole('alert').filter({ hasText: 'This address already has an account.' })).toBeVisible();
  await heading(page, 'Confirm your address');
});

test('a link that is not whole, or is for something else, says so', async ({ page, request }) => {
  await page.goto(`${server.url}/verify-email`);
  await expect(main(page).getByText('This link is not complete, or is for something else.')).toBeVisible();
  const ada = person('Ada Mixes');
  await register(request, server, ada);
  const token = new URL(await server.link(ada.email, '/verify-email')).searchParams.get('token');
  await page.goto(`${server.url}/reset-password?token=${token}`);
  await expect(main(page).getByText('This link is not complete, or is for something else.')).toBeVisible();
});

test('a link that has expired says so', async ({ page, request }) => {
  const brief = await Server.start({ ACCOUNTS__VERIFICATION_LIFETIME: '1s' });
  try {
    const ada = person('Ada Late');
    await register(request, brief, ada);
    const link = await brief.link(ada.email, '/verify-email');
    await expect(async () => {
      await page.goto(link);
      await expect(main(page).getByText('This link has expired or was already used.')).toBeVisible({ timeout: 2_000 });
    }).toPass();
  } finally {
    await brief.stop();
  }
});

test('where verification is required, the link of a mail lets one in', async ({ page }) => {
  const strict = await Server.start({ ACCOUNTS__VERIFICATION: 'required' });
  try {
    const ada = person('Ada Strict');
    await page.goto(`${strict.url}/sign-up`);
    await fillSignUp(page, { ...ada, email: 'ada.stirct@example.org' });
    await press(page, 'Create account');
    await heading(page, 'Look in your mail');
    await press(page, 'Start again with another address');
    await heading(page, 'Create account');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    await fillSignUp(page, ada);
    await press(page, 'Create account');
    await heading(page, 'Look in your mail');
    await expect(main(page).getByRole('status').filter({ hasText: ada.email })).toBeVisible();
    await page.goto(`${strict.url}/sign-in`);
    await enter(page, ada);
    await expect(main(page).getByText('the address is not confirmed yet')).toBeVisible();
    await page.goto(await strict.link(ada.email, '/verify-email'));
    await press(page, 'Confirm this address');
    await heading(page, 'Address confirmed');
    await signIn(page, strict, ada);
  } finally {
    await strict.stop();
  }
});
