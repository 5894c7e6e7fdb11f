import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { resolve } from 'node:path';
import { person, signUp } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

const SCREENSHOTS = resolve(import.meta.dirname, '../screenshots');

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(async () => server.stop());

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the reference fits, ${colorScheme}`, async ({ browser }) => {
    const page = await (await browser.newContext({ colorScheme, reducedMotion: 'reduce' })).newPage();
    await page.goto(`${server.url}/docs`);
    await expect(page.locator('#operations-me-me')).toBeVisible();
    for (const width of [1440, 375, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${width} px`).toBeLessThanOrEqual(width);
      if (width > 320) await page.screenshot({ path: resolve(SCREENSHOTS, `docs-${width}-${colorScheme}.png`) });
    }
    expect((await new AxeBuilder({ page }).exclude('#reference').analyze()).violations.map(({ id }) => id)).toEqual([]);
    await page.context().close();
  });
}

test('the reference signs one in and tries calls, with nothing from elsewhere', async ({ page, context }) => {
  const told: string[] = [];
  page.on('console', (message) => told.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => told.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) told.push(`elsewhere: ${request.url()}`);
  });
  const ada = person('Ada Lovelace');
  const elsewhere = await context.newPage();
  await signUp(elsewhere, server, ada);
  await elsewhere.close();

  await page.goto(`${server.url}/docs`);
  await expect(page.getByRole('heading', { name: 'API reference' })).toBeVisible();
  const call = page.locator('#operations-me-me');
  await expect(call).toBeVisible();
  expect((await new AxeBuilder({ page }).exclude('#reference').analyze()).violations.map(({ id }) => id)).toEqual([]);

  await page.getByRole('textbox', { name: 'Email', exact: true }).fill(ada.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('do not match');
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: ada.email })).toBeVisible();

  await call.getByRole('button').first().click();
  await call.getByRole('button', { name: 'Execute' }).click();
  await expect(call.locator('.live-responses-table')).toContainText('"Ada Lovelace"');
  await expect(call.locator('.live-responses-table')).toContainText('200');

  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Email', exact: true })).toBeFocused();
  await call.getByRole('button', { name: 'Execute' }).click();
  await expect(call.locator('.live-responses-table')).toContainText('token_missing');
  expect(told.filter((line) => !/status of 401/.test(line))).toEqual([]);
});
