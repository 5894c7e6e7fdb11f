import { expect, test, type Page } from '@playwright/test';
import { administrator, confirm, heading, main, person, press, signIn, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import { breakObjects, mendObjects, upload } from '../fixtures/stream.ts';

let server: Server;
const master = person('Harbour Master');

test.beforeAll(async () => {
  server = await Server.start({ WORKER__TRIES: '2', WORKER__FIRST_PAUSE: '20ms' });
  await administrator(server, master);
});
test.afterAll(() => server.stop());

test.beforeEach(async ({ page }) => {
  await signIn(page, server, master);
});

const consumer = (page: Page) => main(page).getByRole('row', { name: /store-files/ });
/** What the page reads, again and again. */
const READS = /\/api\/admin\/(stream|dead_letters)$/;
const letters = (page: Page) => main(page).getByRole('link', { name: /^file\.accepted/ });

test('consumers are shown with what they have done, and the page keeps up', async ({ page }) => {
  await page.getByRole('link', { name: 'Administration' }).click();
  await main(page).getByRole('link', { name: 'Stream', exact: true }).click();
  await heading(page, 'Stream');
  await expect(main(page).getByText('Carried by the database.')).toBeVisible();
  await expect(main(page).getByText('Nothing was given up.')).toBeVisible();
  const handled = consumer(page).getByRole('cell').nth(4);
  const before = Number(await handled.textContent());
  await upload(page, server, 'one.txt');
  await expect(handled).toHaveText(String(before + 1), { timeout: 15_000 });
});

test('dead letters are read, sent again when the cause is gone, and thrown away', async ({ page }) => {
  breakObjects(server);
  for (const name of ['one.txt', 'two.txt', 'three.txt']) await upload(page, server, name);
  await page.goto(`${server.url}/admin/stream`);
  await expect(letters(page)).toHaveCount(3, { timeout: 15_000 });

  await letters(page).first().click();
  await heading(page, 'Dead letter');
  await expect(main(page).getByText('2 tries failed.')).toBeVisible();
  await expect(main(page).getByText('"specversion": "1.0"')).toBeVisible();
  await press(page, 'Throw away');
  await confirm(page, 'Throw it away?', 'Throw it away');
  await expect(toast(page, 'The dead letter is thrown away.')).toBeVisible();
  await heading(page, 'Stream');
  await expect(letters(page)).toHaveCount(2);

  mendObjects(server);
  await letters(page).first().click();
  await press(page, 'Send again');
  await confirm(page, 'Send it again?', 'Send it again');
  await expect(toast(page, 'The event is sent to its consumer again.')).toBeVisible();
  await expect(letters(page)).toHaveCount(1);
  await press(page, 'Send all again');
  await confirm(page, 'Send all again?', 'Send all again');
  await expect(toast(page, '1 event is sent to its consumer again.')).toBeVisible();
  await expect(main(page).getByText('Nothing was given up.')).toBeVisible();
});

test('what is shown stays while the server cannot be reached, and an open question with it', async ({ page }) => {
  await page.goto(`${server.url}/admin/stream`);
  await consumer(page).getByRole('button', { name: 'Replay store-files' }).click();
  const dialog = page.getByRole('dialog', { name: 'Replay events?' });
  await dialog.getByLabel('From').fill('1');
  let failed = 0;
  await page.route(READS, async (route) => {
    failed += 1;
    await route.abort('connectionrefused');
  });
  // Both that it reads, each more than once.
  await expect.poll(() => failed, { timeout: 30_000 }).toBeGreaterThan(4);
  await expect(dialog.getByLabel('From')).toHaveValue('1');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  const old = main(page).getByRole('alert').filter({ hasText: 'What is shown may be out of date' });
  await expect(old).toHaveCount(2);
  await expect(consumer(page)).toBeVisible();
  await page.unroute(READS);
  await expect(old).toHaveCount(0, { timeout: 30_000 });
  await expect(consumer(page)).toBeVisible();
});

test('a replay says plainly what it does, and refuses what is no point of the stream', async ({ page }) => {
  await upload(page, server, 'again.txt');
  await page.goto(`${server.url}/admin/stream`);
  const handled = consumer(page).getByRole('cell').nth(4);
  await expect(consumer(page).getByRole('cell').first()).toHaveText('0', { timeout: 15_000 });
  await consumer(page).getByRole('button', { name: 'Replay store-files' }).click();
  const dialog = page.getByRole('dialog', { name: 'Replay events?' });
  await expect(dialog).toContainText('may do a second time');
  // Stays open while the numbers behind it change.
  await page.waitForTimeout(6_000);
  await dialog.getByLabel('From').fill('yesterday');
  await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(dialog.getByText('Enter “beginning”')).toBeVisible();
  const before = Number(await handled.textContent());
  await dialog.getByLabel('From').fill('beginning');
  await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(toast(page, 'store-files reads again.')).toBeVisible();
  await expect.poll(async () => Number(await handled.textContent()), { timeout: 15_000 }).toBeGreaterThan(before);
});
