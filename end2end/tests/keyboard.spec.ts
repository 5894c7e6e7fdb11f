import { expect, test } from '@playwright/test';
import { row, sent, stored } from '../fixtures/files.ts';
import { pressOn, typeInto } from '../fixtures/keyboard.ts';
import { administrator, field, heading, main, onAccount, person, register, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

// No mouse in here: whatever is done is done with keys, and what has the focus shows it.
let server: Server;
const ada = person('Ada Lovelace');
const master = person('Harbour Master');

test.beforeAll(async ({ playwright }) => {
  server = await Server.start();
  await administrator(server, master);
  const request = await playwright.request.newContext();
  await register(request, server, ada);
  await request.dispose();
});
test.afterAll(() => server.stop());

test('a person signs in, changes the profile, sends, renames and deletes a file, and signs out', async ({ page }) => {
  await page.goto(`${server.url}/sign-in`);
  await typeInto(page, field(page, 'Email'), ada.email);
  await typeInto(page, field(page, 'Password'), ada.password);
  await page.keyboard.press('Enter');
  await onAccount(page);

  await typeInto(page, field(page, 'Name'), 'Countess of Lovelace');
  await pressOn(page, main(page).getByRole('button', { name: 'Save changes' }));
  await expect(toast(page, /saved/i)).toBeVisible();

  await pressOn(page, page.getByRole('link', { name: 'Files', exact: true }));
  await heading(page, 'Files');
  const choosing = page.waitForEvent('filechooser');
  await pressOn(page, main(page).getByRole('button', { name: 'Choose files' }));
  await (await choosing).setFiles([sent('log.bin', 70_000)]);
  await stored(page, 'log.bin');

  await pressOn(page, main(page).getByRole('button', { name: 'Actions for log.bin', exact: true }));
  await pressOn(page, main(page).getByRole('button', { name: 'Rename', exact: true }));
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('logbook.bin');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(row(page, 'logbook.bin')).toBeVisible();

  await pressOn(page, main(page).getByRole('button', { name: 'Actions for logbook.bin', exact: true }));
  await page.keyboard.press('Escape');
  await expect(main(page).getByRole('button', { name: 'Actions for logbook.bin', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await pressOn(page, main(page).getByRole('button', { name: 'Delete', exact: true }));
  await expect(row(page, 'logbook.bin')).toBeHidden();
  await pressOn(page, main(page).getByRole('button', { name: 'Undo', exact: true }), 'Space');
  await expect(row(page, 'logbook.bin')).toBeVisible();

  await pressOn(page, page.getByRole('button', { name: 'Your menu' }));
  await pressOn(page, page.getByRole('button', { name: 'Sign out', exact: true }));
  await heading(page, 'Sign in');
});

test('an administrator finds, disables and enables a person', async ({ page }) => {
  await page.goto(`${server.url}/sign-in?next=/admin/users`);
  await typeInto(page, field(page, 'Email'), master.email);
  await typeInto(page, field(page, 'Password'), master.password);
  await page.keyboard.press('Enter');
  await heading(page, 'Users');
  await typeInto(page, main(page).getByRole('searchbox'), 'lovelace');
  await expect(main(page).getByRole('rowheader')).toHaveCount(1);
  await pressOn(page, main(page).getByRole('rowheader').getByRole('link'));
  await expect(main(page).getByRole('button', { name: 'Disable account' })).toBeVisible();

  await pressOn(page, main(page).getByRole('button', { name: 'Disable account' }));
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  // The focus stays within, and comes back to where it was.
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(main(page).getByRole('button', { name: 'Disable account' })).toBeFocused();
  await page.keyboard.press('Enter');
  await pressOn(page, dialog.getByRole('button', { name: 'Disable account' }));
  await expect(main(page).getByRole('button', { name: 'Enable account' })).toBeVisible();
  // What has just been read anew is about the same person: the focus does not go to the heading, not a frame later either.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(main(page).getByRole('button', { name: 'Enable account' })).toBeFocused();
});
