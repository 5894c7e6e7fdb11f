import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { act, choose, dropFromDisk, dropMade, openFiles, row, sent, stored, tokenOf, type Sent } from '../fixtures/files.ts';
import { confirm, heading, main, person, press, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import { breakObjects, mendObjects } from '../fixtures/stream.ts';

const ada = person('Ada Lovelace');
let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(async () => server.stop());

const open = (page: Page, who = ada): Promise<void> => openFiles(page, server, who);

/** Makes uploads so slow that there is a middle. */
async function slowDown(page: Page): Promise<void> {
  await page.route('**/v1/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 700));
    await route.continue().catch(() => undefined);
  });
}

/** The addresses of the uploads that the page begins, in their order. */
function begun(page: Page): string[] {
  const addresses: string[] = [];
  page.on('response', (response) => {
    if (response.request().method() === 'POST' && response.url().endsWith('/v1/uploads')) addresses.push(response.headers().location);
  });
  return addresses;
}

/** The parts that the page sends: where they begin, in their order, and how many of them are answered. */
function partsOf(page: Page): { begin: number[]; answered: number } {
  const parts = { begin: [] as number[], answered: 0 };
  page.on('request', (request) => {
    if (request.method() === 'PATCH') parts.begin.push(Number(request.headers()['upload-offset']));
  });
  page.on('response', (response) => {
    if (response.request().method() === 'PATCH') parts.answered += 1;
  });
  return parts;
}

async function underWay(page: Page, name: string): Promise<void> {
  const bar = main(page).getByRole('progressbar', { name: `Sending ${name}` });
  await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0);
}

/** Pauses in the middle; the part that was on its way then arrives too. */
async function pauseMidway(page: Page, name: string, parts: { begin: number[]; answered: number }): Promise<void> {
  await underWay(page, name);
  await press(page, `Pause ${name}`);
  await expect(main(page).getByText('paused')).toBeVisible();
  await expect.poll(() => parts.answered).toBe(parts.begin.length);
}

/** Whether it comes back as it was sent. */
async function comesBack(page: Page, { name, buffer }: Sent): Promise<void> {
  const coming = page.waitForEvent('download');
  await act(page, name, 'Download');
  expect(readFileSync(await (await coming).path()).equals(buffer), 'what comes back is what was sent').toBe(true);
}

test('files are sent, seen stored, kept, renamed, downloaded, thrown away and taken back', async ({ page }) => {
  await open(page);
  const survey = sent('harbour survey.bin', 3_000_001);
  await choose(page, survey, sent('empty.txt', 0));
  await stored(page, survey.name);
  await stored(page, 'empty.txt');
  await expect(main(page).getByRole('list', { name: 'On the way' })).toBeHidden();
  await expect(main(page).getByText('3 MB used, ')).toBeVisible();

  await page.reload();
  await stored(page, survey.name);
  await act(page, survey.name, 'Rename');
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByLabel('Name').fill('Häfen 2026.bin');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(row(page, 'Häfen 2026.bin')).toBeVisible();

  const coming = page.waitForEvent('download');
  await act(page, 'Häfen 2026.bin', 'Download');
  const download = await coming;
  expect(download.suggestedFilename()).toBe('Häfen 2026.bin');
  expect(readFileSync(await download.path()).equals(survey.buffer)).toBe(true);

  await act(page, 'Häfen 2026.bin', 'Delete');
  await expect(main(page).getByText('Häfen 2026.bin is in the trash.')).toBeVisible();
  await expect(row(page, 'Häfen 2026.bin')).toBeHidden();
  await press(page, 'Undo');
  await expect(toast(page, 'is back')).toBeVisible();
  await stored(page, 'Häfen 2026.bin');

  await act(page, 'empty.txt', 'Delete');
  await expect(row(page, 'empty.txt')).toBeHidden();
  await main(page).getByRole('link', { name: 'Trash' }).click();
  await heading(page, 'Trash');
  await expect(main(page).getByText('1 file in the trash.')).toBeVisible();
  await expect(row(page, 'empty.txt')).toBeVisible();
  await act(page, 'empty.txt', 'Delete for good');
  await expect(page.getByRole('dialog')).toContainText('empty.txt is erased at once.');
  await confirm(page, 'Delete for good?', 'Delete for good');
  await expect(main(page).getByText('The trash is empty.')).toBeVisible();

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const path of ['/files', '/files?show=trash']) {
      await page.goto(`${server.url}${path}`);
      await expect(main(page).getByText(path === '/files' ? 'Häfen 2026.bin' : 'The trash is empty.').first()).toBeVisible();
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
  }
});

test('a cut network does not end an upload, and a reload goes on where it was', async ({ page, context }, info) => {
  await open(page, person('Grace Hopper'));
  // So slow that there is a middle.
  let parts = 0;
  await page.route('**/v1/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH') {
      parts += 1;
      await new Promise((done) => setTimeout(done, 700));
    }
    await route.continue().catch(() => undefined);
  });
  // On disk, so that it has a time of its own by which it is known again.
  const chart = sent('chart.bin', 4_000_000);
  const path = info.outputPath(chart.name);
  writeFileSync(path, chart.buffer);
  const input = page.getByLabel('Files to send');
  await input.setInputFiles(path);
  const bar = main(page).getByRole('progressbar', { name: 'Sending chart.bin' });
  await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0);
  await context.setOffline(true);
  await expect(main(page).getByText('no connection; it goes on by itself')).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await context.setOffline(false);
  const before = parts;
  await expect.poll(() => parts).toBeGreaterThan(before);

  // Leaving asks first.
  const asked = page.waitForEvent('dialog');
  const leaving = page.reload();
  const question = await asked;
  expect(question.type()).toBe('beforeunload');
  await question.accept();
  await leaving;
  await expect(row(page, chart.name)).toContainText('Receiving');
  const created = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/v1/uploads'), { timeout: 5_000 });
  const anew = created.then(() => true, () => false);
  await input.setInputFiles(path);
  await stored(page, chart.name);
  expect(await anew, 'an upload was begun anew').toBe(false);
  await expect(main(page).getByRole('row')).toHaveCount(2);

  await comesBack(page, chart);
});

test('several files are thrown away, taken back and deleted for good at once', async ({ page }) => {
  await open(page, person('Katherine Johnson'));
  await choose(page, sent('one.bin', 10), sent('two.bin', 20), sent('three.bin', 30));
  for (const name of ['one.bin', 'two.bin', 'three.bin']) await stored(page, name);
  const tick = (name: string) => main(page).getByRole('checkbox', { name, exact: true });
  await tick('Select one.bin').check();
  await expect(main(page).getByText('1 selected, 10 bytes')).toBeVisible();
  await tick('Select two.bin').check();
  await expect(main(page).getByText('2 selected, 30 bytes')).toBeVisible();
  await tick('Select all on this page').check();
  await expect(main(page).getByText('3 selected, 60 bytes')).toBeVisible();
  await expect(tick('Select three.bin')).toBeChecked();
  await tick('Select three.bin').uncheck();
  await expect(main(page).getByText('2 selected, 30 bytes')).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  const bar = main(page).getByRole('group', { name: 'For the selected files' });
  await bar.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(main(page).getByText('2 files are in the trash.')).toBeVisible();
  await expect(row(page, 'one.bin')).toBeHidden();
  await expect(main(page).getByRole('button', { name: 'Undo' })).toBeFocused();
  await press(page, 'Undo');
  await expect(toast(page, '2 files are back.')).toBeVisible();
  await stored(page, 'two.bin');

  await tick('Select all on this page').check();
  await bar.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(main(page).getByText('Nothing is here yet.')).toBeVisible();
  await main(page).getByRole('link', { name: 'Trash' }).click();
  await expect(main(page).getByText('3 files in the trash.')).toBeVisible();
  await tick('Select two.bin').check();
  await bar.getByRole('button', { name: 'Take back' }).click();
  await expect(row(page, 'two.bin')).toBeHidden();
  await tick('Select all on this page').check();
  await bar.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('dialog')).toContainText('2 files are erased at once.');
  await page.keyboard.press('Escape');
  await expect(row(page, 'one.bin')).toBeVisible();
  await bar.getByRole('button', { name: 'Delete for good' }).click();
  await confirm(page, 'Delete for good?', 'Delete for good');
  await expect(toast(page, '2 files are gone for good.')).toBeVisible();
  await expect(main(page).getByText('The trash is empty.')).toBeVisible();
  await main(page).getByRole('link', { name: 'Back to files' }).click();
  await stored(page, 'two.bin');
});

test('a folder is sent with all that is in it, chosen or dropped', async ({ page }, info) => {
  await open(page, person('Mary Jackson'));
  const folder = info.outputPath('charts');
  mkdirSync(join(folder, 'north'), { recursive: true });
  // The same file twice, but for its place.
  writeFileSync(join(folder, 'depths.txt'), 'soundings');
  writeFileSync(join(folder, 'north', 'depths.txt'), 'soundings');
  await page.getByLabel('Folder to send').setInputFiles(folder);
  await stored(page, 'charts/depths.txt');
  await stored(page, 'charts/north/depths.txt');

  const dropped = info.outputPath('pilots');
  mkdirSync(join(dropped, 'deep', 'deeper'), { recursive: true });
  for (const path of ['a.txt', 'deep/b.txt', 'deep/deeper/c.txt']) writeFileSync(join(dropped, path), path);
  // Beside the zone is near enough.
  await dropFromDisk(page, dropped, 10);
  for (const name of ['pilots/a.txt', 'pilots/deep/b.txt', 'pilots/deep/deeper/c.txt']) await stored(page, name);
});

test('cancelling an upload asks first', async ({ page }) => {
  await open(page, person('Dorothy Vaughan'));
  await page.route('**/v1/uploads/*', async (route) => {
    await new Promise((done) => setTimeout(done, 1_500));
    await route.continue().catch(() => undefined);
  });
  await choose(page, sent('slow.bin', 4_000_000));
  await expect(row(page, 'slow.bin')).toContainText('Receiving');
  await main(page).getByRole('button', { name: 'Cancel slow.bin' }).click();
  await confirm(page, 'Cancel the upload?', 'Keep sending');
  await act(page, 'slow.bin', 'Cancel upload');
  await confirm(page, 'Cancel the upload?', 'Stop the upload');
  await expect(main(page).getByText('Nothing is here yet.')).toBeVisible();
  await expect(main(page).getByRole('list', { name: 'On the way' })).toBeHidden();
});

test('an upload that is cancelled elsewhere is begun anew only when one says so', async ({ page, request }) => {
  const who = person('Annie Easley');
  await open(page, who);
  const uploads = begun(page);
  await slowDown(page);
  await choose(page, sent('slow.bin', 4_000_000));
  await underWay(page, 'slow.bin');

  const headers = { Authorization: `Bearer ${await tokenOf(request, server, who)}`, 'Tus-Resumable': '1.0.0' };
  expect((await request.delete(`${server.url}${uploads[0]}`, { headers })).status()).toBe(204);
  await expect(main(page).getByRole('alert').filter({ hasText: 'It was cancelled elsewhere.' })).toBeVisible();
  await expect(row(page, 'slow.bin')).toBeHidden();
  // Longer than it waits before it goes on after anything else.
  await page.waitForTimeout(2_000);
  expect(uploads).toHaveLength(1);

  await page.unroute('**/v1/uploads/*');
  await press(page, 'Try again slow.bin');
  await stored(page, 'slow.bin');
  expect(uploads).toHaveLength(2);
});

test('an upload rests while one says so, and goes on where it was', async ({ page }) => {
  await open(page, person('Christine Darden'));
  const uploads = begun(page);
  const { begin: parts } = partsOf(page);
  await slowDown(page);
  const slow = sent('slow.bin', 4_000_000);
  await choose(page, slow);
  await underWay(page, slow.name);
  await press(page, `Pause ${slow.name}`);
  await expect(main(page).getByText('paused')).toBeVisible();
  const before = parts.length;
  // Longer than a part takes.
  await page.waitForTimeout(2_000);
  expect(parts).toHaveLength(before);

  await page.unroute('**/v1/uploads/*');
  await press(page, `Go on ${slow.name}`);
  await stored(page, slow.name);
  expect(uploads).toHaveLength(1);
  expect(parts[before], 'it began anew').toBeGreaterThan(0);
  await comesBack(page, slow);
});

test('a file that is moved while it is sent goes on where it was, once it is chosen again', async ({ page }, info) => {
  await open(page, person('Evelyn Boyd'));
  const uploads = begun(page);
  await slowDown(page);
  const chart = sent('chart.bin', 4_000_000);
  const [before, after] = ['before', 'after'].map((folder) => info.outputPath(folder));
  for (const folder of [before, after]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(before, chart.name), chart.buffer);
  const input = page.getByLabel('Files to send');
  await input.setInputFiles(join(before, chart.name));
  await underWay(page, chart.name);

  // Its time stays, by which it is known again.
  renameSync(join(before, chart.name), join(after, chart.name));
  await expect(main(page).getByRole('alert').filter({ hasText: 'Your browser cannot read this file any more.' })).toBeVisible({ timeout: 20_000 });
  await input.setInputFiles(join(after, chart.name));
  await stored(page, chart.name);
  expect(uploads, 'an upload was begun anew').toHaveLength(1);
  await expect(main(page).getByRole('row')).toHaveCount(2);

  await comesBack(page, chart);
});

test('an unfinished upload goes on where it was after a reload, once the same file is dropped', async ({ page, request }, info) => {
  const who = person('Valerie Thomas');
  await open(page, who);
  const uploads = begun(page);
  const parts = partsOf(page);
  await slowDown(page);
  // On disk, so that it has a time of its own by which it is known again.
  const chart = sent('chart.bin', 4_000_000);
  const path = info.outputPath(chart.name);
  writeFileSync(path, chart.buffer);
  await dropFromDisk(page, path);
  await pauseMidway(page, chart.name, parts);

  await page.reload();
  await expect(row(page, chart.name)).toContainText('Receiving');
  await expect(main(page).getByRole('list', { name: 'On the way' })).toBeHidden();
  const headers = { Authorization: `Bearer ${await tokenOf(request, server, who)}`, 'Tus-Resumable': '1.0.0' };
  const there = Number((await request.head(`${server.url}${uploads[0]}`, { headers })).headers()['upload-offset']);
  expect(there).toBeGreaterThan(0);
  expect(there).toBeLessThan(chart.buffer.length);
  const before = parts.begin.length;
  await page.unroute('**/v1/uploads/*');
  await dropFromDisk(page, path);
  await stored(page, chart.name);
  expect(parts.begin[before], 'where it went on').toBe(there);
  expect(uploads, 'an upload was begun anew').toHaveLength(1);
  await expect(main(page).getByRole('list', { name: 'On the way' })).toBeHidden();
  await expect(main(page).getByRole('row')).toHaveCount(2);
  await comesBack(page, chart);
});

test('an upload that is paused goes on where it was, once the same file is dropped', async ({ page }) => {
  await open(page, person('Gladys West'));
  const uploads = begun(page);
  const parts = partsOf(page);
  await slowDown(page);
  const chart = sent('chart.bin', 4_000_000);
  const time = Date.UTC(2026, 2, 1);
  await dropMade(page, chart, time);
  await pauseMidway(page, chart.name, parts);
  const before = parts.begin.length;

  await page.unroute('**/v1/uploads/*');
  await dropMade(page, chart, time);
  await stored(page, chart.name);
  expect(parts.begin[before], 'it began anew').toBeGreaterThan(0);
  expect(uploads, 'an upload was begun anew').toHaveLength(1);
  await expect(main(page).getByRole('list', { name: 'On the way' })).toBeHidden();
  await expect(main(page).getByRole('row')).toHaveCount(2);
  await comesBack(page, chart);
});

test('a file that was changed since its upload was begun is sent from its beginning, once it is dropped', async ({ page }) => {
  await open(page, person('Raye Montague'));
  const uploads = begun(page);
  const parts = partsOf(page);
  await slowDown(page);
  const log = sent('log.bin', 4_000_000);
  const time = Date.UTC(2026, 2, 1);
  await dropMade(page, log, time);
  await pauseMidway(page, log.name, parts);
  await page.reload();
  await expect(row(page, log.name)).toContainText('Receiving');
  const before = parts.begin.length;

  await page.unroute('**/v1/uploads/*');
  const changed = { ...log, buffer: Buffer.alloc(log.buffer.length, 'changed ') };
  await dropMade(page, changed, time + 1_000);
  const done = row(page, log.name).filter({ hasText: 'Stored' });
  await expect(done).toBeVisible({ timeout: 20_000 });
  expect(uploads).toHaveLength(2);
  expect(parts.begin[before]).toBe(0);
  // The other one still waits for its own file.
  await expect(row(page, log.name).filter({ hasText: 'Receiving' })).toBeVisible();
  await dropMade(page, log, time);
  await expect(done).toHaveCount(2, { timeout: 20_000 });
  expect(uploads).toHaveLength(2);
});

test('a file is renamed, and taken back, whatever has become of it since one asked', async ({ page, request }) => {
  const who = person('Melba Mouton');
  await open(page, who);
  const headers = { Authorization: `Bearer ${await tokenOf(request, server, who)}` };
  const uploads = begun(page);
  const url = (index: number) => `${server.url}${uploads[index].replace('uploads', 'files')}`;
  const mended = async (index: number): Promise<void> => {
    mendObjects(server);
    const status = async () => ((await (await request.get(url(index), { headers })).json()) as { status: string }).status;
    await expect.poll(status, { timeout: 30_000 }).toBe('stored');
  };
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  // Where objects are kept there is a folder only once something is.
  await choose(page, sent('first.bin', 10));
  await stored(page, 'first.bin');
  try {
    breakObjects(server);
    await choose(page, sent('renamed.bin', 1_000));
    await expect(row(page, 'renamed.bin')).toContainText(/Accepted|Storing/);
    await act(page, 'renamed.bin', 'Rename');
    await expect(dialog).toBeVisible();
    await mended(1);
    await dialog.getByLabel('Name').fill('another.bin');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(dialog).toBeHidden();
    await stored(page, 'another.bin');

    // A name that it got elsewhere meanwhile is not written over.
    await act(page, 'another.bin', 'Rename');
    await expect(dialog).toBeVisible();
    const change = await request.patch(url(1), { headers: { ...headers, 'If-Match': '*' }, data: { name: 'elsewhere.bin' } });
    expect(change.status()).toBe(200);
    await dialog.getByLabel('Name').fill('mine.bin');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await expect(dialog.getByText('The file has changed meanwhile.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(row(page, 'elsewhere.bin')).toBeVisible();

    breakObjects(server);
    await choose(page, sent('thrown.bin', 1_000));
    await expect(row(page, 'thrown.bin')).toContainText(/Accepted|Storing/);
    await act(page, 'thrown.bin', 'Delete');
    await expect(main(page).getByText('thrown.bin is in the trash.')).toBeVisible();
    await mended(2);
    await press(page, 'Undo');
    await expect(toast(page, 'thrown.bin is back.')).toBeVisible();
    await stored(page, 'thrown.bin');
  } finally {
    mendObjects(server);
  }
});
