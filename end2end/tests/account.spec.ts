import { expect, test } from '@playwright/test';
import { elsewhere, enter, field, fillSignUp, heading, main, onAccount, person, press, signOut, signUp, toast, token } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(() => server.stop());

test('a person creates an account, edits the profile, reloads, signs out, and comes back to where they were', async ({ page }) => {
  const ada = person('Ada Lovelace');
  await page.goto(server.url);
  await main(page).getByRole('link', { name: 'Create an account' }).click();
  await fillSignUp(page, ada);
  await press(page, 'Create account');
  await onAccount(page);
  await expect(field(page, 'Name')).toHaveValue(ada.name);
  await expect(main(page).getByRole('definition').filter({ hasText: ada.email })).toBeVisible();
  await expect(main(page).getByText('Member', { exact: true })).toBeVisible();

  await field(page, 'Name').fill('Augusta Ada King');
  await press(page, 'Save changes');
  await expect(toast(page, 'Your name is saved.')).toBeVisible();
  await page.reload();
  await onAccount(page);
  await expect(field(page, 'Name')).toHaveValue('Augusta Ada King');

  await signOut(page);
  await expect(page.getByText('You are signed out.')).toBeVisible();
  expect(await token(page)).toBeNull();

  await page.goto(`${server.url}/account/security`);
  await expect(page).toHaveURL(/\/sign-in\?next=\/account\/security$/);
  await enter(page, ada);
  await expect(page).toHaveURL(/\/account\/security$/);
  await heading(page, 'Security');
});

test('the access token is in browser storage, and no script can read the refresh token', async ({ page, context }) => {
  await signUp(page, server, person('Grace Hopper'));
  const stored = await token(page);
  expect(JSON.parse(stored!)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(await page.evaluate(() => document.cookie)).toBe('');

  const cookies = await context.cookies();
  expect(cookies.map(({ name }) => name)).toContain('__Host-portreeve_refresh');
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    expect(cookie.name).toMatch(/^__Host-/);
    expect(kept).not.toContain(cookie.value);
  }
});

test('people who are signed in go on to their account from the pages for getting in', async ({ page }) => {
  await signUp(page, server, person('Mary Somerville'));
  for (const path of ['/', '/sign-in', '/sign-up']) {
    await page.goto(server.url + path);
    await onAccount(page);
  }
});

test('SQL and HTML in a name are shown as text', async ({ page }) => {
  const name = `<b>Bobby</b>'); DROP TABLE users;--`;
  await signUp(page, server, { ...person('Bobby'), name });
  await expect(field(page, 'Name')).toHaveValue(name);
  await page.getByRole('button', { name: 'Your menu' }).click();
  await expect(page.getByText(name, { exact: true })).toBeVisible();
});

test('changing the password asks for the current one and signs out the other devices', async ({ page, browser }) => {
  const hedy = person('Hedy Lamarr');
  await signUp(page, server, hedy);
  const other = await elsewhere(browser, server, hedy);

  await page.getByRole('link', { name: 'Security' }).click();
  await field(page, 'Current password').fill('not the one it is');
  await field(page, 'New password').fill('seven slow barges upstream');
  await press(page, 'Change password');
  await expect(main(page).getByText('That is not your current password.')).toBeVisible();
  await expect(field(page, 'Current password')).toBeFocused();
  await field(page, 'Current password').fill(hedy.password);
  await press(page, 'Change password');
  await expect(toast(page, 'Your password is changed.')).toBeVisible();

  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?next=\/account$/);
  await expect(other.getByText('Your session has ended.')).toBeVisible();
  await enter(other, { ...hedy, password: 'seven slow barges upstream' });
  await onAccount(other);
  await other.context().close();
});
