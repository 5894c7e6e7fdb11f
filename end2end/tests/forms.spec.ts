import { expect, test } from '@playwright/test';
import { enter, field, fillSignUp, heading, main, onAccount, PASSWORD, person, press, register, signUp } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(() => server.stop());

test('errors stand beside their fields, keep what was typed, and take the focus to the first', async ({ page }) => {
  await page.goto(`${server.url}/sign-up`);
  await fillSignUp(page, { name: 'Ada', email: 'not an address', password: 'short' });
  await press(page, 'Create account');

  await expect(field(page, 'Email')).toHaveAccessibleDescription(/Enter an address like name@example\.org\./);
  await expect(field(page, 'Email')).toHaveAttribute('aria-invalid', 'true');
  await expect(field(page, 'Password')).toHaveAccessibleDescription(/Use at least 15 characters\./);
  await expect(field(page, 'Name')).not.toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByRole('alert').filter({ hasText: 'Enter an address like' })).toBeVisible();
  await expect(field(page, 'Email')).toBeFocused();
  await expect(field(page, 'Name')).toHaveValue('Ada');
  await expect(field(page, 'Email')).toHaveValue('not an address');
  await expect(field(page, 'Password')).toHaveValue('short');

  await field(page, 'Email').fill('ada@example.org');
  await press(page, 'Create account');
  await expect(field(page, 'Email')).not.toHaveAttribute('aria-invalid', 'true');
  await expect(field(page, 'Password')).toBeFocused();
});

test('an empty form tells of every field', async ({ page }) => {
  await page.goto(`${server.url}/sign-up`);
  await press(page, 'Create account');
  await expect(field(page, 'Name')).toHaveAccessibleDescription(/Enter your name\./);
  await expect(field(page, 'Email')).toHaveAccessibleDescription(/Enter your email address\./);
  await expect(field(page, 'Password')).toHaveAccessibleDescription(/Enter a password\./);
  await expect(field(page, 'Name')).toBeFocused();
});

test('a common password is refused by the server, beside the field', async ({ page }) => {
  await page.goto(`${server.url}/sign-up`);
  await fillSignUp(page, { ...person('Common'), password: 'passwordpassword' });
  await press(page, 'Create account');
  await expect(field(page, 'Password')).toHaveAccessibleDescription(/first passwords that others would try/);
  await expect(field(page, 'Password')).toBeFocused();
  await expect(field(page, 'Password')).toHaveValue('passwordpassword');
});

test('a password can be shown and hidden', async ({ page }) => {
  await page.goto(`${server.url}/sign-in`);
  await expect(main(page).getByRole('button', { name: 'Sign in', exact: true })).toBeEnabled();
  await field(page, 'Password').fill(PASSWORD);
  await expect(field(page, 'Password')).toHaveAttribute('type', 'password');
  await press(page, 'Show password');
  await expect(field(page, 'Password')).toHaveAttribute('type', 'text');
  await expect(field(page, 'Password')).toHaveValue(PASSWORD);
  await press(page, 'Hide password');
  await expect(field(page, 'Password')).toHaveAttribute('type', 'password');
});

test('strength is told while typing', async ({ page }) => {
  await page.goto(`${server.url}/sign-up`);
  await expect(main(page).getByRole('button', { name: 'Create account', exact: true })).toBeEnabled();
  await field(page, 'Password').fill('quiet lantern');
  await expect(page.getByRole('status').filter({ hasText: 'Too short' })).toBeVisible();
  await expect(page.getByText('2 characters to go')).toBeVisible();
  await field(page, 'Password').fill('aaaaaaaaaaaaaaaaaa');
  await expect(page.getByRole('status').filter({ hasText: 'Easy to guess' })).toBeVisible();
  await field(page, 'Password').fill(PASSWORD);
  await expect(page.getByRole('status').filter({ hasText: 'Strong' })).toBeVisible();
});

test('password managers find their fields', async ({ page }) => {
  await page.goto(`${server.url}/sign-in`);
  await expect(field(page, 'Email')).toHaveAttribute('autocomplete', 'username');
  await expect(field(page, 'Password')).toHaveAttribute('autocomplete', 'current-password');
  await page.goto(`${server.url}/sign-up`);
  await expect(field(page, 'Name')).toHaveAttribute('autocomplete', 'name');
  await expect(field(page, 'Email')).toHaveAttribute('autocomplete', 'username');
  await expect(field(page, 'Password')).toHaveAttribute('autocomplete', 'new-password');
});

for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/%09/evil.example', 'javascript:alert(1)']) {
  test(`signing in does not follow next=${next}`, async ({ page, request }) => {
    const who = { ...person('Careful'), email: `careful-${encodeURIComponent(next).replace(/\W/g, '')}@example.org`.toLowerCase() };
    await register(request, server, who);
    await page.route(({ hostname }) => hostname === 'evil.example', (route) => route.abort());
    await page.goto(`${server.url}/sign-in?next=${next}`);
    await enter(page, who);
    await onAccount(page);
    expect(new URL(page.url()).origin).toBe(server.url);
  });
}

test('a taken address is told beside the field', async ({ page, request }) => {
  const ada = person('Ada Taken');
  await register(request, server, ada);
  await page.goto(`${server.url}/sign-up`);
  await fillSignUp(page, { ...ada, email: ada.email.toUpperCase() });
  await press(page, 'Create account');
  await expect(field(page, 'Email')).toHaveAccessibleDescription(/This address already has an account\./);
  await expect(field(page, 'Email')).toBeFocused();
  await expect(field(page, 'Name')).toHaveValue(ada.name);
});

test('a wrong password and an unknown address get the same answer', async ({ page, request }) => {
  const ada = person('Ada Wrong');
  await register(request, server, ada);
  for (const email of [ada.email, 'nobody@example.org']) {
    await page.goto(`${server.url}/sign-in`);
    await enter(page, { email, password: 'this is not my password' });
    await expect(field(page, 'Password')).toHaveAccessibleDescription('That email and password do not match. Try again, or reset the password.');
    await expect(field(page, 'Password')).toBeFocused();
    await expect(field(page, 'Email')).toHaveValue(email);
  }
});

test('signing up needs no mouse', async ({ page }) => {
  await page.goto(`${server.url}/sign-up`);
  await expect(main(page).getByRole('button', { name: 'Create account', exact: true })).toBeEnabled();
  const tabTo = async (label: string) => {
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab');
      if (await field(page, label).evaluate((input) => input === document.activeElement)) return;
    }
    throw new Error(`twenty presses of Tab do not reach ${label}`);
  };
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(main(page)).toBeFocused();
  // Past the header, and no further.
  await page.keyboard.press('Tab');
  await expect(main(page).getByRole('link').first()).toBeFocused();
  await tabTo('Name');
  await page.keyboard.type('Keyboard Only');
  await tabTo('Email');
  await page.keyboard.type('keyboard@example.org');
  await tabTo('Password');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await onAccount(page);
  await heading(page, 'Account');
});

test('a press beside a dialog closes it, one on its scrollbar does not', async ({ page }) => {
  await signUp(page, server, person('Ada Scrolls'));
  await press(page, 'Change address');
  const dialog = page.getByRole('dialog', { name: 'Change address' });
  await dialog.getByLabel('New email').fill('ada.scrolls@example.com');
  const { x, y, width, height } = (await dialog.boundingBox())!;
  // A scrollbar is no element: the press is on the dialog itself. Chromium without a window draws none that could be pressed.
  await dialog.dispatchEvent('mousedown', { bubbles: true, clientX: x + width - 4, clientY: y + height / 2 });
  await page.waitForTimeout(200);
  await expect(dialog.getByLabel('New email')).toHaveValue('ada.scrolls@example.com');
  await page.mouse.click(x - 20, y + height / 2);
  await expect(dialog).toBeHidden();
});
