import { expect, test, type Page } from '@playwright/test';
import { administrator, field, main, onAccount, person, signIn } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
const keeper = person('Ada Late');
test.beforeAll(async () => {
  server = await Server.start();
  await administrator(server, keeper);
});
test.afterAll(() => server.stop());

// A release's pages are pieces of their own (app/src/pages/later.rs), and `./test` names one. What `cargo leptos end-to-end` has built for development is in
// one piece, which is late as a whole.
const PIECES = process.env.PORTREEVE_BIN ? /\/pkg\/(split|chunk)_.*\.wasm$/ : /\/pkg\/.*\.wasm$/;

/** Holds each piece back. Tells how many were. */
async function delay(page: Page, milliseconds: number): Promise<() => number> {
  let held = 0;
  await page.route(PIECES, async (route) => {
    held += 1;
    await new Promise((done) => setTimeout(done, milliseconds));
    await route.continue();
  });
  return () => held;
}

function complaints(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  return said;
}

// Who is signed in is read from storage, which is much quicker than any piece.
for (const milliseconds of [0, 20, 100, 500]) {
  test(`a page comes alive whose piece is ${milliseconds} ms late`, async ({ page }) => {
    const said = complaints(page);
    const held = await delay(page, milliseconds);
    await page.goto(`${server.url}/forgot-password`);
    await field(page, 'Email').fill(keeper.email);
    await signIn(page, server, keeper);

    await page.goto(`${server.url}/account`);
    await onAccount(page);
    await page.goto(`${server.url}/account/security`);
    await expect(main(page).getByRole('listitem').filter({ hasText: 'This device' })).toBeVisible();
    await page.goto(`${server.url}/admin/users`);
    await expect(main(page).getByRole('link', { name: keeper.name })).toBeVisible();
    expect(held(), 'this wants a release, whose pages are pieces').toBeGreaterThan(3);
    expect(said).toEqual([]);
  });
}
