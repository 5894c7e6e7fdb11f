import { expect, test, type Page, type Request } from '@playwright/test';
import { confirm, elsewhere, enter, field, heading, main, onAccount, person, press, signOut, signUp, toast, token } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

let server: Server;
test.beforeAll(async () => {
  server = await Server.start();
});
test.afterAll(() => server.stop());

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const REFRESH = '/api/auth/refresh';

/** Makes the browser believe that its token is about to expire. */
async function age(page: Page): Promise<void> {
  await page.evaluate(() => localStorage.setItem('portreeve.access_token_span', JSON.stringify({ from: 0, until: 1 })));
}

function devices(page: Page) {
  return page.getByRole('region', { name: 'Where you are signed in' }).getByRole('listitem');
}

async function openSecurity(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Security' }).click();
  await heading(page, 'Security');
}

test('signing out in one tab signs out the others at once', async ({ page, context }) => {
  const ada = person('Ada Tabs');
  await signUp(page, server, ada);
  const other = await context.newPage();
  await other.goto(`${server.url}/account/security`);
  await expect(devices(other)).toHaveCount(1);

  await signOut(page);
  await expect(other).toHaveURL(/\/sign-in$/);
  await expect(other.getByText('You are signed out.')).toBeVisible();

  await enter(other, ada);
  await onAccount(other);
  await onAccount(page);
});

test('tabs that wake together do not refresh at the same time', async ({ page, context }) => {
  await signUp(page, server, person('Ada Wakes'));
  const other = await context.newPage();
  await other.goto(`${server.url}/account`);
  await onAccount(other);
  const before = await token(page);
  const refreshes: Request[] = [];
  context.on('request', (request) => {
    if (request.url().endsWith(REFRESH)) refreshes.push(request);
  });
  await age(page);
  await Promise.all([openSecurity(page), openSecurity(other)]);
  await expect(devices(page)).toHaveCount(1);
  await expect(devices(other)).toHaveCount(1);
  expect(refreshes.length).toBe(1);
  expect(await token(page)).not.toBe(before);
});

test('a device is signed out from the list of another', async ({ page, browser }) => {
  const ada = person('Ada Revokes');
  await signUp(page, server, ada);
  const other = await elsewhere(browser, server, ada, { userAgent: FIREFOX });

  await openSecurity(page);
  await expect(devices(page)).toHaveCount(2);
  await expect(devices(page).filter({ hasText: 'This device' })).toHaveCount(1);
  await press(page, 'Sign out Firefox on Linux');
  await confirm(page, 'Sign this device out?', 'Sign it out');
  await expect(toast(page, 'Firefox on Linux is signed out.')).toBeVisible();
  await expect(devices(page)).toHaveCount(1);

  // The next thing it asks for is refused, although its access token has minutes left.
  await other.getByRole('link', { name: 'Security' }).click();
  await expect(other).toHaveURL(/\/sign-in\?next=\/account\/security$/);
  await expect(other.getByText('Your session has ended.')).toBeVisible();
  expect(await token(other)).toBeNull();
  await other.context().close();
});

test('signing out the others leaves this device, signing out everywhere leaves none', async ({ page, browser }) => {
  const ada = person('Ada Everywhere');
  await signUp(page, server, ada);
  const other = await elsewhere(browser, server, ada, { userAgent: FIREFOX });

  await openSecurity(page);
  await expect(devices(page)).toHaveCount(2);
  await press(page, 'Sign out other devices');
  await confirm(page, 'Sign out your other devices?', 'Sign out the others');
  await expect(devices(page)).toHaveCount(1);
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?next=/);
  await enter(other, ada);
  await onAccount(other);

  await press(page, 'Sign out everywhere');
  const dialog = page.getByRole('dialog', { name: 'Sign out everywhere?' });
  await dialog.getByRole('button', { name: 'Sign out all devices' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(await token(page)).toBeNull();
  await other.reload();
  await expect(other).toHaveURL(/\/sign-in\?next=/);
  await other.context().close();
});

test('a token that expired while nobody was looking is renewed on the next click', async ({ page }) => {
  const brief = await Server.start({ TOKENS__ACCESS_LIFETIME: '3s' });
  try {
    await signUp(page, brief, person('Ada Idle'));
    const before = await token(page);
    const claims = JSON.parse(Buffer.from(JSON.parse(before!).split('.')[1], 'base64url').toString());
    await expect.poll(() => Date.now() / 1000, { timeout: 15_000 }).toBeGreaterThan(claims.exp + 1);
    await openSecurity(page);
    await expect(devices(page)).toHaveCount(1);
    expect(await token(page)).not.toBe(before);
  } finally {
    await brief.stop();
  }
});

test('a token that the server refuses is renewed, and the request is made again', async ({ page }) => {
  await signUp(page, server, person('Ada Refused'));
  let refused = 0;
  await page.route('**/api/sessions/**', async (route) => {
    if (refused++ > 0) return route.continue();
    await route.fulfill({ status: 401, contentType: 'application/json', body: '{}' });
  });
  const renewed = page.waitForResponse((answer) => answer.url().endsWith(REFRESH));
  await openSecurity(page);
  expect((await renewed).status()).toBe(200);
  await expect(devices(page)).toHaveCount(1);
});

test('a restart of the server signs nobody out', async ({ page }) => {
  await signUp(page, server, person('Ada Restarts'));
  await server.restart();
  await openSecurity(page);
  await expect(devices(page)).toHaveCount(1);
  await age(page);
  await page.reload();
  await expect(devices(page)).toHaveCount(1);
});

test('a server that is down during a refresh signs nobody out, and the page recovers', async ({ page }) => {
  await signUp(page, server, person('Ada Waits'));
  await server.end('SIGKILL');
  try {
    await age(page);
    await openSecurity(page);
    const trouble = main(page).getByRole('alert').filter({ hasText: 'We cannot reach the server.' });
    await expect(trouble).toBeVisible({ timeout: 30_000 });
    await expect(trouble).toContainText('We keep trying. Nothing is lost.');
    expect(await token(page)).not.toBeNull();
    await expect(page).toHaveURL(/\/account\/security$/);
  } finally {
    await server.launch();
  }
  // By itself: nothing is pressed.
  await expect(devices(page)).toHaveCount(1, { timeout: 30_000 });
});

test('a page asks again and again, less and less often, until it gets through', async ({ page }) => {
  await signUp(page, server, person('Ada Insists'));
  const asked: number[] = [];
  await page.route('**/api/sessions/list', async (route) => {
    asked.push(Date.now());
    if (asked.length > 3) return route.continue();
    await route.abort('connectionrefused');
  });
  await openSecurity(page);
  await expect(main(page).getByText('We keep trying. Nothing is lost.')).toBeVisible();
  // By itself: nothing is pressed. After 2, 4 and 8 seconds.
  await expect(devices(page)).toHaveCount(1, { timeout: 30_000 });
  expect(asked).toHaveLength(4);
  const pauses = asked.slice(1).map((time, index) => time - asked[index]);
  expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
});

test('a server that stumbles during a refresh signs nobody out', async ({ page }) => {
  await signUp(page, server, person('Ada Stumbles'));
  let stumbles = 0;
  await page.route(`**${REFRESH}`, async (route) => {
    if (stumbles++ > 1) return route.continue();
    await route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' });
  });
  await age(page);
  await openSecurity(page);
  await expect(devices(page)).toHaveCount(1);
  expect(stumbles).toBe(3);
});

test('signing out works without a server, which hears of it later', async ({ page, browser }) => {
  const ada = person('Ada Offline');
  await signUp(page, server, ada);
  const other = await elsewhere(browser, server, ada);
  await openSecurity(other);
  await expect(devices(other)).toHaveCount(2);

  await server.end('SIGTERM');
  try {
    await signOut(page);
    expect(await token(page)).toBeNull();
  } finally {
    await server.launch();
  }
  const told = page.waitForResponse((answer) => answer.url().endsWith('/api/auth/sign_out'));
  await page.goto(`${server.url}/sign-in`);
  expect((await told).status()).toBe(200);
  await other.reload();
  await expect(devices(other)).toHaveCount(1);
  await other.context().close();
});

test('a deleted account is kept by signing in again', async ({ page }) => {
  const ada = person('Ada Leaves');
  await signUp(page, server, ada);
  await openSecurity(page);
  await press(page, 'Delete account');
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  await dialog.getByRole('button', { name: 'Delete my account' }).click();
  await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused();
  await dialog.getByLabel('Password', { exact: true }).fill(ada.password);
  await dialog.getByRole('button', { name: 'Delete my account' }).click();
  await expect(toast(page, /Your account will be erased on .* Sign in before then to keep it\./)).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(await token(page)).toBeNull();

  await enter(page, ada);
  await onAccount(page);
  await expect(field(page, 'Name')).toHaveValue(ada.name);
});
