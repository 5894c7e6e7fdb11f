import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { pressOn, typeInto } from '../fixtures/keyboard.ts';
import { administrator, confirm, elsewhere, heading, main, person, press, register, signIn, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
const master = person('Harbour Master');
const ada = person('Ada Lovelace');

test.beforeAll(async ({ playwright }) => {
  server = await Server.start();
  await administrator(server, master);
  const request = await playwright.request.newContext();
  await register(request, server, ada);
  await request.dispose();
});
test.afterAll(async () => server.stop());

async function axe(page: Page): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`)).toEqual([]);
}

async function list(page: Page): Promise<void> {
  await page.goto(`${server.url}/admin/service-accounts`);
  await heading(page, 'Service accounts');
}

/** Makes one from the list, and is on its page then. */
async function make(page: Page, name: string): Promise<void> {
  await list(page);
  await press(page, 'Make a service account');
  const dialog = page.getByRole('dialog', { name: 'Make a service account' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('button', { name: 'Make the service account' }).click();
  await heading(page, name);
}

test('a machine gets an identity and a key, told once, that works until it is revoked', async ({ page, request }) => {
  await signIn(page, server, master);
  await page.goto(`${server.url}/admin/users`);
  await main(page).getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Service accounts' }).click();
  await heading(page, 'Service accounts');
  await expect(main(page).getByText('No machine has an identity of its own yet.')).toBeVisible();

  await press(page, 'Make a service account');
  const dialog = page.getByRole('dialog', { name: 'Make a service account' });
  await dialog.getByRole('button', { name: 'Make the service account' }).click();
  await expect(dialog.getByText('Give the service account a name.')).toBeVisible();
  await axe(page);
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Nightly backup');
  await dialog.getByRole('button', { name: 'Make the service account' }).click();
  await heading(page, 'Nightly backup');
  await expect(main(page).getByText('It has no key, so nobody can be it.')).toBeVisible();

  await press(page, 'Make a key');
  const asked = page.getByRole('dialog', { name: 'Make a key' });
  await expect(asked.getByRole('checkbox', { name: 'Call the services behind the gateway' })).toBeVisible();
  await expect(asked.getByRole('checkbox', { name: 'See everyone’s accounts' })).toHaveCount(0);
  await asked.getByRole('textbox', { name: 'Name' }).fill('Crane');
  await asked.getByRole('checkbox', { name: 'See its own account' }).check();
  await asked.getByRole('button', { name: 'Make the key' }).click();
  const key = await asked.getByLabel('The key is ready').inputValue();
  expect(key).toMatch(/^prv_[\w-]{43}$/);
  await asked.getByRole('button', { name: 'Done' }).click();
  const me = async () => request.get(`${server.url}/v1/me`, { headers: { Authorization: `Bearer ${key}` } });
  expect(await (await me()).json()).toMatchObject({ name: 'Nightly backup', email: '', role: 'member' });

  const row = main(page).getByRole('listitem').filter({ hasText: 'Crane' });
  await expect(row).toContainText(`prv_…${key.slice(-4)}`);
  await expect(row).toContainText('See its own account.');
  await row.getByRole('button', { name: 'Revoke' }).click();
  await confirm(page, 'Revoke this key?', 'Revoke the key');
  await expect(toast(page, 'The key Crane is revoked.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Keys' })).toBeFocused();
  expect((await me()).status()).toBe(401);
});

test('it is renamed, made an administrator, disabled, enabled and deleted', async ({ page }) => {
  await signIn(page, server, master);
  await make(page, 'Crane');
  await press(page, 'Rename');
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Winch');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(toast(page, 'It is called Winch now.')).toBeVisible();
  await heading(page, 'Winch');

  await press(page, 'Make administrator');
  await confirm(page, 'Make it an administrator?', 'Make administrator');
  await expect(toast(page, 'Winch is an administrator now.')).toBeVisible();
  await press(page, 'Make a key');
  await expect(page.getByRole('checkbox', { name: 'See everyone’s accounts' })).toBeVisible();
  await page.keyboard.press('Escape');

  await press(page, 'Disable account');
  await confirm(page, 'Disable this account?', 'Disable account');
  await expect(main(page).getByText('Its keys open nothing until it is enabled again.')).toBeVisible();
  await press(page, 'Enable account');
  await confirm(page, 'Enable this account?', 'Enable account');
  await expect(main(page).getByText('Active', { exact: true })).toBeVisible();

  await press(page, 'Delete');
  await axe(page);
  await confirm(page, 'Delete this service account?', 'Delete the service account');
  await expect(page).toHaveURL(/\/admin\/service-accounts$/);
  await expect(toast(page, 'Winch is deleted.')).toBeVisible();
  await expect(main(page).getByRole('link', { name: 'Winch' })).toHaveCount(0);
});

test('all of it is done with keys alone', async ({ page }) => {
  await signIn(page, server, master);
  await list(page);
  await pressOn(page, main(page).getByRole('button', { name: 'Make a service account' }));
  const dialog = page.getByRole('dialog', { name: 'Make a service account' });
  await typeInto(page, dialog.getByRole('textbox', { name: 'Name' }), 'Lighthouse');
  await page.keyboard.press('Enter');
  await heading(page, 'Lighthouse');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await pressOn(page, main(page).getByRole('button', { name: 'Make a key' }));
  const asked = page.getByRole('dialog', { name: 'Make a key' });
  await typeInto(page, asked.getByRole('textbox', { name: 'Name' }), 'Lamp');
  await pressOn(page, asked.getByRole('checkbox', { name: 'List and download files' }), 'Space');
  await pressOn(page, asked.getByRole('button', { name: 'Make the key' }));
  await expect(asked.getByLabel('The key is ready')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(main(page).getByRole('button', { name: 'Make a key' })).toBeFocused();
  await pressOn(page, main(page).getByRole('button', { name: 'Delete', exact: true }));
  await page.keyboard.press('Escape');
  await expect(main(page).getByRole('button', { name: 'Delete', exact: true })).toBeFocused();
});

test('the list is searched and sorted by the server', async ({ page }) => {
  await signIn(page, server, master);
  for (const name of ['Zeebrugge pipeline', 'Antwerp pipeline']) await make(page, name);
  await list(page);
  const rows = main(page).locator('tbody').getByRole('rowheader');
  await main(page).getByRole('searchbox').fill('pipeline');
  await expect(rows).toHaveText(['Antwerp pipeline', 'Zeebrugge pipeline']);
  await expect(main(page).getByRole('status').first()).toHaveText('2 service accounts match “pipeline”');
  const column = main(page).getByRole('columnheader', { name: 'Name' });
  await column.getByRole('link').click();
  await column.getByRole('link').click();
  await expect(rows).toHaveText(['Zeebrugge pipeline', 'Antwerp pipeline']);
  await expect(column).toHaveAttribute('aria-sort', 'descending');
  await main(page).getByRole('searchbox').fill('nothing of that name');
  await main(page).getByRole('link', { name: 'Show all' }).click();
  await expect(main(page).getByRole('link', { name: 'Antwerp pipeline' })).toBeVisible();
  await page.goto(`${server.url}/admin/users?search=pipeline`);
  await expect(main(page).getByText('Nobody matches.')).toBeVisible();
});

test('a member is told nothing, and what does not exist is told so', async ({ page, browser }) => {
  await signIn(page, server, master);
  await make(page, 'Tide gauge');
  const address = page.url();
  const theirs = await elsewhere(browser, server, ada);
  for (const path of [`${server.url}/admin/service-accounts`, address]) {
    await theirs.goto(path);
    await expect(main(theirs).getByText('This is for administrators.').first()).toBeVisible();
    await expect(theirs.getByText('Tide gauge')).toHaveCount(0);
    await expect(main(theirs).getByRole('button', { name: /^Make/ })).toHaveCount(0);
  }
  await theirs.context().close();
  for (const id of ['00000000-0000-7000-8000-000000000000', 'nobody']) {
    await page.goto(`${server.url}/admin/service-accounts/${id}`);
    await expect(main(page).getByText('There is no such service account.')).toBeVisible();
  }
});
