import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { heading, main, person, press, signUp, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

const ada = person('Ada Lovelace');
let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(async () => server.stop());

interface Sent {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

function sent(name: string, size: number): Sent {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(size, `${name} `) };
}

const row = (page: Page, name: string): Locator => main(page).getByRole('row').filter({ hasText: name });

async function choose(page: Page, ...files: Sent[]): Promise<void> {
  await page.getByLabel('Files to send').setInputFiles(files);
}

async function stored(page: Page, name: string): Promise<void> {
  await expect(row(page, name)).toContainText('Stored', { timeout: 20_000 });
}

async function act(page: Page, name: string, action: string): Promise<void> {
  await main(page).getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await press(page, action);
}

async function open(page: Page, who = ada): Promise<void> {
  await signUp(page, server, who);
  await page.getByRole('link', { name: 'Files', exact: true }).click();
  await heading(page, 'Files');
  await expect(main(page).getByText('Nothing is here yet.')).toBeVisible();
}

test('files are sent, seen stored, kept, renamed, downloaded, thrown away and taken back', async ({ page }) => {
  await open(page);
  const survey = sent('harbour survey.bin', 3_000_001);
  await choose(page, survey, sent('empty.txt', 0));
  await stored(page, survey.name);
  await stored(page, 'empty.txt');
  await expect(main(page).getByRole('list', { name: 'On the way' })).toBeHidden();
  await expect(main(page).getByText('3 MB of')).toBeVisible();

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
  await main(page).getByRole('link', { name: 'Trash' }).click();
  await expect(row(page, 'empty.txt')).toBeVisible();
  await act(page, 'empty.txt', 'Delete for good');
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

  const coming = page.waitForEvent('download');
  await act(page, chart.name, 'Download');
  expect(readFileSync(await (await coming).path()).equals(chart.buffer)).toBe(true);
});
