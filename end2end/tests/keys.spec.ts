import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { administrator, heading, main, person, signIn, signUp } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
const master = person('Harbour Master');

test.beforeAll(async () => {
  server = await Server.start();
  await administrator(server, master);
});
test.afterAll(async () => server.stop());

async function keys(page: Page): Promise<void> {
  await page.goto(`${server.url}/account/api-keys`);
  await heading(page, 'API keys');
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
}

test('a key is made, told once, used and revoked', async ({ page, context, request }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signUp(page, server, person('Ada Lovelace'));
  await main(page).getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'API keys' }).click();
  await heading(page, 'API keys');
  await expect(main(page).getByText('No program acts for you.')).toBeVisible();

  await main(page).getByRole('button', { name: 'Make a key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a key' });
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await expect(dialog.getByText('Give the key a name.')).toBeVisible();
  await expect(dialog.getByText('Choose what the key is for.')).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);

  await dialog.getByRole('textbox', { name: 'Name' }).fill('Backup');
  await dialog.getByRole('checkbox', { name: 'See your account' }).check();
  await expect(dialog.getByRole('checkbox', { name: 'See everyone’s accounts' })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const key = await dialog.getByLabel('The key is ready').inputValue();
  expect(key).toMatch(/^prv_[\w-]{43}$/);
  const made = dialog.getByLabel('The key is ready');
  await expect(made).toBeFocused();
  await expect(made).toHaveAccessibleDescription('Copy it now: it is not shown again.');
  expect(await made.evaluate((input: HTMLInputElement) => input.value.slice(input.selectionStart!, input.selectionEnd!))).toBe(key);
  await dialog.getByRole('button', { name: 'Copy the key' }).click();
  await expect(dialog.getByRole('status')).toHaveText('The key is copied.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();

  const row = main(page).getByRole('listitem').filter({ hasText: 'Backup' });
  await expect(row).toContainText(`prv_…${key.slice(-4)}`);
  await expect(row).toContainText('See your account.');
  await expect(row).toContainText('not used yet');
  const me = async () => request.get(`${server.url}/v1/me`, { headers: { Authorization: `Bearer ${key}` } });
  expect(((await (await me()).json()) as { name: string }).name).toBe('Ada Lovelace');
  expect((await request.get(`${server.url}/v1/files`, { headers: { Authorization: `Bearer ${key}` } })).status()).toBe(403);
  await expect(async () => {
    await keys(page);
    await expect(row).toContainText('last used', { timeout: 1_000 });
  }).toPass();
  expect(await page.content()).not.toContain(key);

  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke the key' }).click();
  await expect(page.getByText('The key Backup is revoked.')).toBeVisible();
  await expect(main(page).getByText('No program acts for you.')).toBeVisible();
  expect((await me()).status()).toBe(401);
});

test('an administrator is offered an administrator’s scopes', async ({ page, request }) => {
  await signIn(page, server, master);
  await keys(page);
  await main(page).getByRole('button', { name: 'Make a key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a key' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Watch');
  await dialog.getByRole('checkbox', { name: 'See everyone’s accounts' }).check();
  await dialog.getByRole('combobox', { name: 'Works for' }).selectOption('Until I revoke it');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const key = await dialog.getByLabel('The key is ready').inputValue();
  expect((await request.get(`${server.url}/v1/users`, { headers: { Authorization: `Bearer ${key}` } })).status()).toBe(200);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(main(page).getByRole('listitem').filter({ hasText: 'Watch' })).not.toContainText('ends');
});
