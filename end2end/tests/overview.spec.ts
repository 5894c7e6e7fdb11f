import { expect, test, type Page } from '@playwright/test';
import { administrator, field, heading, main, person, press, signIn, signUp } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import { upload } from '../fixtures/stream.ts';

let server: Server;
const master = person('Harbour Master');
const ada = person('Ada Lovelace');

test.beforeAll(async ({ browser }) => {
  server = await Server.start();
  await administrator(server, master);
  const page = await (await browser.newContext()).newPage();
  await signUp(page, server, ada);
  await upload(page, server, 'one.txt');
  await page.context().close();
});
test.afterAll(() => server.stop());

const chart = (page: Page, name: string) => main(page).getByRole('img', { name: new RegExp(`^${name}:`) });

test('an administrator sees what happened, and the page keeps up', async ({ page }) => {
  await page.goto(`${server.url}/sign-in`);
  await field(page, 'Email').fill(master.email);
  await field(page, 'Password').fill('not the password of anybody');
  await press(page, 'Sign in');
  await expect(page.getByRole('alert').first()).toBeVisible();
  await signIn(page, server, master);
  await page.getByRole('link', { name: 'Administration' }).click();
  await heading(page, 'Overview');
  await expect(main(page).getByRole('link', { name: 'Overview' })).toHaveAttribute('aria-current', 'page');
  await expect(chart(page, 'Requests')).toHaveAccessibleName(/Requests: \d+ requests in the last hour\./);
  await expect(chart(page, 'Errors')).toHaveAccessibleName(/Errors: None\./);
  await expect(chart(page, 'Time to answer')).toHaveAccessibleName(/95 of 100 within [\d.]+ m?s\./);
  await expect(chart(page, 'Sign-ins')).toHaveAccessibleName(/[1-9] sign-ins? in the last hour\. [1-9] not let in\./);
  await expect(chart(page, 'Uploads')).toHaveAccessibleName(/1 file in the last hour\. 7 bytes in all\./);
  await expect(chart(page, 'Stream lag')).toHaveAccessibleName(/Nothing waits\./, { timeout: 30_000 }); // a consumer's place follows seconds later past what it does not want

  await upload(page, server, 'two.txt');
  await expect(chart(page, 'Uploads')).toHaveAccessibleName(/2 files in the last hour/, { timeout: 20_000 });
});

test('the last day is a link away, and the numbers are a table too', async ({ page }) => {
  await signIn(page, server, master);
  await page.goto(`${server.url}/admin/overview`);
  await expect(chart(page, 'Requests')).toHaveAccessibleName(/in the last hour/);
  await main(page).getByRole('link', { name: 'Last day' }).click();
  await expect(page).toHaveURL(/\/admin\/overview\?span=day$/);
  await expect(main(page).getByRole('link', { name: 'Last day' })).toHaveAttribute('aria-current', 'true');
  await expect(chart(page, 'Requests')).toHaveAccessibleName(/in the last day/);
  await page.reload();
  await expect(chart(page, 'Requests')).toHaveAccessibleName(/in the last day/);

  await main(page).getByText('The numbers as a table').click();
  const lines = main(page).getByRole('table').getByRole('row');
  await expect(lines.nth(1).getByRole('rowheader')).toHaveText(/^\d\d:\d\d$/);
  await expect(lines.nth(1).getByRole('cell').first()).toHaveText(/^\d/);
});

test('members are told that it is not for them', async ({ page }) => {
  await signIn(page, server, ada);
  await page.goto(`${server.url}/admin/overview`);
  await expect(main(page).getByRole('alert')).toContainText('This is for administrators.');
});
