import { expect, test, type Page } from '@playwright/test';
import { administrator, confirm, elsewhere, enter, heading, main, onAccount, person, press, register, signIn, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
const master = person('Harbour Master');
const people = Array.from({ length: 30 }, (_, index) => person(`Person ${String(index + 1).padStart(2, '0')}`));

test.beforeAll(async ({ playwright }) => {
  server = await Server.start();
  await administrator(server, master);
  const request = await playwright.request.newContext();
  for (const one of people) await register(request, server, one);
  await request.dispose();
});
test.afterAll(() => server.stop());

test.beforeEach(async ({ page }) => {
  await signIn(page, server, master);
});

const rows = (page: Page) => main(page).getByRole('rowheader');
const column = (page: Page, name: string) => main(page).getByRole('columnheader', { name });

async function openUser(page: Page, name: string): Promise<void> {
  await page.goto(`${server.url}/admin/users?search=${encodeURIComponent(name)}`);
  await rows(page).getByRole('link', { name, exact: true }).click();
  await heading(page, name);
}

test('everyone is listed, the newest first, a page at a time', async ({ page }) => {
  await page.getByRole('link', { name: 'Administration' }).click();
  await main(page).getByRole('link', { name: 'Users', exact: true }).click();
  await heading(page, 'Users');
  await expect(main(page).getByText('31 people')).toBeVisible();
  await expect(rows(page)).toHaveCount(25);
  await expect(rows(page).first()).toContainText('Person 30');
  await expect(main(page).getByRole('link', { name: 'Previous' })).toBeHidden();

  await main(page).getByRole('link', { name: 'Next' }).click();
  await expect(page).toHaveURL(/[?&]cursor=/);
  await expect(rows(page)).toHaveCount(6);
  await expect(rows(page).last()).toContainText(master.name);
  await expect(main(page).getByRole('link', { name: 'Next' })).toBeHidden();

  await page.reload();
  await expect(rows(page)).toHaveCount(6);
  await main(page).getByRole('link', { name: 'Previous' }).click();
  await expect(rows(page)).toHaveCount(25);
  await expect(rows(page).first()).toContainText('Person 30');
  await page.goBack();
  await expect(rows(page)).toHaveCount(6);
});

test('the list is sorted by its headers, in the address', async ({ page }) => {
  await page.goto(`${server.url}/admin/users`);
  await expect(column(page, 'Since')).toHaveAttribute('aria-sort', 'descending');
  await column(page, 'Name').getByRole('link').click();
  await expect(page).toHaveURL(/\?sort=name$/);
  await expect(column(page, 'Name')).toHaveAttribute('aria-sort', 'ascending');
  await expect(rows(page).first()).toContainText(master.name);
  await column(page, 'Name').getByRole('link').click();
  await expect(page).toHaveURL(/sort=name&order=reverse$/);
  await expect(column(page, 'Name')).toHaveAttribute('aria-sort', 'descending');
  await expect(rows(page).first()).toContainText('Person 30');
  await column(page, 'Address').getByRole('link').click();
  await expect(page).toHaveURL(/\?sort=email$/);
  await expect(rows(page).first()).toContainText(master.email);
});

test('a search finds names and addresses, stays in the address, and says when nobody matches', async ({ page }) => {
  await page.goto(`${server.url}/admin/users`);
  await expect(rows(page)).toHaveCount(25);
  const search = page.getByRole('searchbox', { name: 'Search users' });
  await search.fill('person 07');
  await expect(page).toHaveURL(/\?search=person%2007$/);
  await expect(main(page).getByText('1 person matches “person 07”')).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await expect(search).toBeFocused();
  await page.reload();
  await expect(search).toHaveValue('person 07');
  await expect(rows(page)).toHaveCount(1);

  await search.fill('harbour.master@');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(master.name);
  await search.fill('no such person %_');
  await expect(main(page).getByText('Nobody matches.')).toBeVisible();
  await main(page).getByRole('link', { name: 'Show everyone' }).click();
  await expect(rows(page)).toHaveCount(25);
  await expect(search).toHaveValue('');
});

test('an account is disabled, which signs it out at once, and enabled', async ({ page, browser }) => {
  const one = people[0];
  const theirs = await elsewhere(browser, server, one);

  await openUser(page, one.name);
  await expect(main(page).getByText('Active', { exact: true })).toBeVisible();
  await press(page, 'Disable account');
  await confirm(page, 'Disable this account?', 'Disable account');
  await expect(toast(page, `${one.name} is disabled and signed out everywhere.`)).toBeVisible();
  await expect(main(page).getByText('Disabled', { exact: true })).toBeVisible();

  await theirs.reload();
  await expect(theirs).toHaveURL(/\/sign-in\?next=\/account$/);
  await enter(theirs, one);
  await expect(main(theirs).getByText('This account has been disabled. Ask an administrator.')).toBeVisible();

  await press(page, 'Enable account');
  await confirm(page, 'Enable this account?', 'Enable account');
  await expect(toast(page, `${one.name} can sign in again.`)).toBeVisible();
  await enter(theirs, one);
  await onAccount(theirs);
  await theirs.context().close();
});

test('a role is changed, and acts at once', async ({ page, browser }) => {
  const one = people[1];
  const theirs = await elsewhere(browser, server, one);

  await openUser(page, one.name);
  await press(page, 'Make administrator');
  await confirm(page, 'Make them an administrator?', 'Make administrator');
  await expect(toast(page, `${one.name} is an administrator now.`)).toBeVisible();
  await theirs.goto(`${server.url}/admin/users`);
  await expect(rows(theirs)).toHaveCount(25);

  await press(page, 'Make member');
  await confirm(page, 'Make them a member?', 'Make member');
  await expect(toast(page, `${one.name} is a member now.`)).toBeVisible();
  await column(theirs, 'Name').getByRole('link').click();
  await expect(main(theirs).getByText('This is for administrators.')).toBeVisible();
  await expect(rows(theirs)).toHaveCount(0);
  await theirs.context().close();
});

test('the sessions of an account are ended', async ({ page, browser }) => {
  const one = people[2];
  const theirs = await elsewhere(browser, server, one);

  await openUser(page, one.name);
  await expect(page.getByRole('region', { name: 'Sessions' }).getByRole('listitem')).not.toHaveCount(0);
  await press(page, 'End sessions');
  await confirm(page, 'End all sessions?', 'End the sessions');
  await expect(page.getByText('Not signed in anywhere.')).toBeVisible();
  await theirs.reload();
  await expect(theirs).toHaveURL(/\/sign-in\?next=\/account$/);
  await theirs.context().close();
});

test('a reset link is sent', async ({ page, browser }) => {
  const one = people[3];
  await openUser(page, one.name);
  await press(page, 'Send a reset link');
  await confirm(page, 'Send a reset link?', 'Send the link');
  await expect(toast(page, `${one.name} gets a link that sets a new password.`)).toBeVisible();
  const theirs = await (await browser.newContext()).newPage();
  await theirs.goto(await server.link(one.email, '/reset-password'));
  await expect(main(theirs).getByText(one.email)).toBeVisible();
  await theirs.context().close();
});

test('the last administrator can be neither disabled, demoted nor deleted', async ({ page }) => {
  await openUser(page, master.name);
  await expect(main(page).getByText('The only administrator:')).toBeVisible();
  await expect(main(page).getByRole('button', { name: 'End sessions' })).toBeVisible();
  await expect(main(page).getByRole('button', { name: 'Disable account' })).toHaveCount(0);
  await expect(main(page).getByRole('button', { name: 'Make member' })).toHaveCount(0);

  await page.goto(`${server.url}/account/security`);
  await press(page, 'Delete account');
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  await dialog.getByLabel('Password', { exact: true }).fill(master.password);
  await dialog.getByRole('button', { name: 'Delete my account' }).click();
  await expect(dialog.getByText('This is the only administrator. Make somebody else one first.')).toBeVisible();
});

test('an administrator\'s pages tell a member nothing', async ({ page, browser }) => {
  await openUser(page, people[5].name);
  const address = page.url();
  const theirs = await elsewhere(browser, server, people[4]);
  await expect(theirs.getByRole('link', { name: 'Administration' })).toHaveCount(0);
  for (const path of [`${server.url}/admin/users`, address]) {
    await theirs.goto(path);
    await expect(main(theirs).getByText('This is for administrators.')).toBeVisible();
    await expect(theirs.getByText(people[5].email)).toHaveCount(0);
    await expect(theirs.getByRole('searchbox')).toHaveCount(0);
  }
  await theirs.context().close();
});

test('a user that does not exist is told so', async ({ page }) => {
  for (const id of ['00000000-0000-7000-8000-000000000000', 'nobody']) {
    await page.goto(`${server.url}/admin/users/${id}`);
    await expect(main(page).getByText('There is no such user.')).toBeVisible();
  }
});
