import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Browser, type Page } from '@playwright/test';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { choose, drawn, openFile, openFiles, pdf, stored, tokenOf, wav, type Sent } from '../fixtures/files.ts';
import { confirm, field, heading, main, person, press, toast } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(async () => server.stop());

const axe = async (page: Page) => (await new AxeBuilder({ page }).analyze()).violations;
const file = (name: string, mimeType: string, content: string | Buffer): Sent => ({ name, mimeType, buffer: Buffer.from(content) });

test('one file tells its story and its facts, and is renamed and thrown away there', async ({ page, request }) => {
  await openFiles(page, server, person('Ada Lovelace'));
  const log = file('log.txt', 'application/x-log', 'Low water 04:12\n');
  await choose(page, log);
  await stored(page, log.name);
  await openFile(page, log.name);
  await expect(main(page).getByText('16 bytes · Text')).toBeVisible();
  await expect(main(page).getByRole('region', { name: 'Preview of log.txt' })).toHaveText('Low water 04:12');
  for (const step of ['Begun', 'Accepted', 'Stored and checked']) await expect(main(page).getByRole('listitem').filter({ hasText: step })).toBeVisible();
  const sum = createHash('sha256').update(log.buffer).digest('hex');
  for (const fact of ['text/plain', 'application/x-log', sum]) await expect(main(page).getByText(fact, { exact: true })).toBeVisible();
  await expect(main(page).getByText(/^uploads\/[0-9a-f-]{36}\.txt$/)).toBeVisible();

  // Whatever happens to it elsewhere shows here by itself.
  const bearer = { Authorization: `Bearer ${await tokenOf(request, server, person('Ada Lovelace'))}` };
  const change = await request.patch(`${server.url}/v1${new URL(page.url()).pathname}`, { headers: { ...bearer, 'If-Match': '*' }, data: { name: 'renamed elsewhere.txt' } });
  expect(change.status()).toBe(200);
  await heading(page, 'renamed elsewhere.txt');

  await press(page, 'Rename');
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByLabel('Name').fill('tides.txt');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await heading(page, 'tides.txt');
  await expect(page).toHaveTitle('tides.txt · Portreeve');
  const coming = page.waitForEvent('download');
  await press(page, 'Download');
  expect(readFileSync(await (await coming).path()).equals(log.buffer)).toBe(true);

  await press(page, 'Delete');
  await expect(main(page).getByText('In the trash.', { exact: true })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await press(page, 'Take back');
  await expect(toast(page, 'tides.txt is back.')).toBeVisible();
  await press(page, 'Delete');
  await press(page, 'Delete for good');
  await confirm(page, 'Delete for good?', 'Delete for good');
  await heading(page, 'Files');
  await expect(main(page).getByText('Nothing is here yet.')).toBeVisible();
  await page.goBack();
});

test('a file that is not there, or is nobody’s, says so', async ({ page }) => {
  await openFiles(page, server, person('Edith Clarke'));
  for (const id of ['nothing', '01a1fc93-afa2-716e-a8a8-25f49aad7109']) {
    await page.goto(`${server.url}/files/${id}`);
    await expect(main(page).getByText('There is no such file.')).toBeVisible();
  }
});

test('pictures, sound, film, text and documents are shown, and none of them runs', async ({ page }) => {
  await openFiles(page, server, person('Grace Hopper'));
  const { png, webm } = await drawn(page);
  const evil = '<!doctype html><title>x</title><script>document.title = "run"; alert(1)</script><p>Evil';
  const all = [
    file('flag.png', 'image/png', png),
    file('bell.wav', 'audio/wav', wav()),
    file('tide.webm', 'video/webm', webm),
    file('chart.pdf', 'application/pdf', pdf('Hello harbour')),
    file('page.html', 'text/html', evil),
    file('drawing.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    file('long.txt', 'text/plain', 'ä'.repeat(50_000)),
    file('noise.bin', 'application/octet-stream', randomBytes(100)),
  ];
  let asked = 0;
  page.on('dialog', (dialog) => {
    asked += 1;
    void dialog.dismiss();
  });
  await choose(page, ...all);
  for (const { name } of all) await stored(page, name);
  const open = async (name: string) => {
    const content = page.waitForResponse((response) => response.url().includes('/content/'), { timeout: 5_000 }).catch(() => undefined);
    await openFile(page, name);
    const answer = await content;
    if (answer) {
      // Asked for again, because Chromium takes the sandbox off a PDF before it shows it in its own.
      const plain = await page.request.get(answer.url());
      expect(plain.headers()['content-security-policy']).toBe("sandbox; frame-ancestors 'self'");
      expect(plain.headers()['x-content-type-options']).toBe('nosniff');
    }
    return { answer, part: main(page).getByRole('region', { name: 'Preview', exact: true }) };
  };
  const back = () => main(page).getByRole('link', { name: 'Files', exact: true }).click();

  let { part } = await open('flag.png');
  const picture = part.getByRole('img', { name: 'Preview of flag.png' });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(640);
  expect(await axe(page)).toEqual([]);
  await back();
  ({ part } = await open('bell.wav'));
  await expect.poll(() => part.locator('audio').evaluate((sound: HTMLAudioElement) => sound.duration)).toBe(1);
  await back();
  ({ part } = await open('tide.webm'));
  await expect.poll(() => part.locator('video').evaluate((film: HTMLVideoElement) => film.videoWidth)).toBe(640);
  expect(await axe(page)).toEqual([]);
  await back();
  const document = await open('chart.pdf');
  await expect(document.part.getByTitle('Preview of chart.pdf')).toBeVisible();
  expect(document.answer?.headers()['content-type']).toBe('application/pdf');
  expect(document.answer?.headers()['content-disposition']).toContain('inline');
  await back();
  ({ part } = await open('page.html'));
  await expect(part.getByRole('region', { name: 'Preview of page.html' })).toHaveText(evil);
  expect(await axe(page)).toEqual([]);
  await expect(page).toHaveTitle('page.html · Portreeve');
  await back();
  ({ part } = await open('drawing.svg'));
  await expect(part.getByRole('region', { name: 'Preview of drawing.svg' })).toContainText('<script>');
  await back();
  ({ part } = await open('long.txt'));
  await expect(part.getByText('The beginning of it.')).toBeVisible();
  expect((await part.locator('pre').textContent())?.trim()).toBe('ä'.repeat(32_768));
  await back();
  ({ part } = await open('noise.bin'));
  await expect(main(page).getByText('Stored and checked')).toBeVisible();
  await expect(part).toBeHidden();
  expect(asked).toBe(0);
});

async function visitor(browser: Browser, url: string, status: number, javaScriptEnabled = true): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled })).newPage();
  expect((await page.goto(url))?.status()).toBe(status);
  return page;
}

test('a file is shared by links that can ask, count, end and be revoked', async ({ page, browser, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openFiles(page, server, person('Joan Clarke'));
  const chart = file('chart.txt', 'text/plain', 'soundings');
  await choose(page, chart);
  await stored(page, chart.name);
  await openFile(page, chart.name);
  await expect(main(page).getByText('Nobody but you can open this file.')).toBeVisible();

  await press(page, 'Share by link');
  const dialog = page.getByRole('dialog', { name: 'Share by link' });
  await field(page, 'Downloads at most, if you want a limit').fill('some');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  await expect(dialog.getByText('Use a whole number')).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await field(page, 'Downloads at most, if you want a limit').fill('1');
  await field(page, 'Password, if you want one').fill('low water');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const once = await field(page, 'The link is ready').inputValue();
  expect(once).toMatch(new RegExp(`^${server.url}/shared/[\\w-]{32}$`));
  await expect(field(page, 'The link is ready')).toBeFocused();
  await dialog.getByRole('button', { name: 'Copy the link' }).click();
  await expect(dialog.getByRole('status')).toHaveText('The link is copied.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(once);
  await dialog.getByRole('button', { name: 'Done' }).click();
  const links = main(page).getByRole('listitem').filter({ hasText: 'Made' });
  await expect(links).toContainText(['Works']);
  await expect(links).toContainText(['Not used yet, works once']);

  const guest = await visitor(browser, once, 200);
  await heading(guest, 'A file for you');
  await expect(main(guest).getByText('chart.txt')).toBeVisible();
  await expect(main(guest).getByText('9 bytes · Text')).toBeVisible();
  await press(guest, 'Download');
  await expect(guest.getByText('Enter the password of this link.')).toBeVisible();
  await field(guest, 'Password of the link').fill('high water');
  await press(guest, 'Download');
  await expect(guest.getByText('That is not the password of this link.').first()).toBeVisible();
  expect(await axe(guest)).toEqual([]);
  await field(guest, 'Password of the link').fill('low water');
  const coming = guest.waitForEvent('download');
  await press(guest, 'Download');
  const download = await coming;
  expect(download.suggestedFilename()).toBe('chart.txt');
  expect(readFileSync(await download.path()).equals(chart.buffer)).toBe(true);
  await expect(guest.getByText('The download has begun.')).toBeVisible();
  // It is used up.
  expect((await guest.reload())?.status()).toBe(404);
  await heading(guest, 'Nothing to open here');
  await expect(main(guest).getByText('This link does not work, or not any more. Ask for a new one.')).toBeVisible();
  expect(await axe(guest)).toEqual([]);
  await guest.context().close();

  await page.reload();
  await expect(links).toContainText(['Used up']);
  await press(page, 'Share by link');
  await page.getByLabel('Works for').selectOption('Until I revoke it');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await press(page, 'Copy the link');
  await expect(toast(page, 'The link is copied.')).toBeVisible();
  const free = await page.evaluate(() => navigator.clipboard.readText());
  await (await visitor(browser, free, 200)).context().close();
  await press(page, 'Revoke');
  await confirm(page, 'Revoke the link?', 'Revoke the link');
  await expect(links).toContainText(['Revoked', 'Used up']);
  expect(await axe(page)).toEqual([]);
  for (const url of [free, `${server.url}/shared/nothing`]) {
    const plain = await visitor(browser, url, 404, false);
    await expect(main(plain).getByText('This link does not work, or not any more. Ask for a new one.')).toBeVisible();
    await plain.context().close();
  }
});
