import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type APIRequestContext, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { drawn, pdf, post, tokenOf, wav } from '../fixtures/files.ts';
import { administrator, field, heading, main, person, register, signIn, signUp } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';
import { deadLetter } from '../fixtures/stream.ts';

const SCREENSHOTS = resolve(import.meta.dirname, '../screenshots');
const SCHEMES = ['light', 'dark'] as const;

interface Sight {
  name: string;
  /** May need a link from a mail or an id. */
  path: () => string;
  heading: string;
  /** Shown once the page is whole. */
  shows: (page: Page) => ReturnType<Page['locator']>;
  as?: 'member' | 'admin';
  status?: number;
  live?: boolean;
}

let server: Server;
/** Nobody has an account there, so that its link for the first administrator works. */
let empty: Server;
let verifyLink = '';
let resetLink = '';
let userPath = '';
let letterPath = '';
let machinePath = '';
let filePath = '';
let sharedLink = '';
let lockedLink = '';
type State = Exclude<BrowserContextOptions['storageState'], string | undefined>;
const signedIn: Record<string, State> = {};
const ada = person('Ada Lovelace');
const master = person('Harbour Master');

test.beforeAll(async ({ browser, playwright }) => {
  test.setTimeout(120_000);
  mkdirSync(SCREENSHOTS, { recursive: true });
  server = await Server.start({ WORKER__TRIES: '1' });
  empty = await Server.start();
  await administrator(server, master);

  const page = await (await browser.newContext()).newPage();
  await signUp(page, server, ada);
  const request = await playwright.request.newContext();
  const bearer = await tokenOf(request, server, ada);
  await fill(request, bearer, await drawn(page));
  const key = { name: 'Nightly backup', scopes: ['account:read', 'files:read'], expires_at: new Date(Date.now() + 90 * 86_400_000).toISOString() };
  const made = await request.post(`${server.url}/v1/api-keys`, { data: key, headers: { Authorization: `Bearer ${bearer}` } });
  expect(made.status(), await made.text()).toBe(201);
  letterPath = await deadLetter(page, server);
  signedIn.member = await page.context().storageState();
  await page.context().close();
  verifyLink = await server.link(ada.email, '/verify-email');
  for (const name of ['Grace Hopper', 'Nguyễn Thị Minh Khai', 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh']) {
    await register(request, server, { ...person(name), email: `${name.toLowerCase().replace(/[^a-z]/g, '')}@a-rather-long-domain.example.org` });
  }
  const forgot = { data: { request: { email: ada.email } }, headers: { Origin: server.url, 'Sec-Fetch-Site': 'same-origin' } };
  expect((await request.post(`${server.url}/api/auth/forgot_password`, forgot)).ok()).toBe(true);
  await request.dispose();
  resetLink = await server.link(ada.email, '/reset-password');

  const desk = await (await browser.newContext()).newPage();
  await signIn(desk, server, master);
  await desk.goto(`${server.url}/admin/users`);
  userPath = (await main(desk).getByRole('link', { name: ada.name, exact: true }).getAttribute('href'))!;
  const bearerOfMaster = { Authorization: `Bearer ${await tokenOf(desk.request, server, master)}` };
  const machine = await desk.request.post(`${server.url}/v1/service-accounts`, { data: { name: 'Nightly backup' }, headers: bearerOfMaster });
  machinePath = `/admin/service-accounts/${((await machine.json()) as { id: string }).id}`;
  const ofMachine = await desk.request.post(`${server.url}/v1${machinePath.slice('/admin'.length)}/api-keys`, { data: key, headers: bearerOfMaster });
  expect(ofMachine.status(), await ofMachine.text()).toBe(201);
  signedIn.admin = await desk.context().storageState();
  await desk.context().close();
});
test.afterAll(async () => {
  await server.stop();
  await empty.stop();
});

/** Files of every kind, and links to one. */
async function fill(request: APIRequestContext, bearer: string, { png, webm }: { png: Buffer; webm: Buffer }): Promise<void> {
  const send = (name: string, mimeType: string, buffer: Buffer) => post(request, server, bearer, { name, mimeType, buffer });
  await send('Tide tables 2026.pdf', 'application/pdf', pdf('Tides'));
  await send('Harbour bell, recorded from the north quay on a very quiet morning in November.wav', 'audio/wav', wav());
  await send('dredging.webm', 'video/webm', webm);
  await send('soundings.bin', 'application/octet-stream', randomBytes(4_200_000));
  const id = await send('Blue Peter.png', 'image/png', png);
  filePath = `/files/${id}`;
  const share = async (data: object): Promise<string> => {
    const answer = await request.post(`${server.url}/v1/files/${id}/shares`, { data, headers: { Authorization: `Bearer ${bearer}` } });
    expect(answer.status(), await answer.text()).toBe(201);
    return ((await answer.json()) as { url: string }).url;
  };
  sharedLink = await share({});
  lockedLink = await share({ password: 'low water', max_downloads: 5, expires_at: new Date(Date.now() + 7 * 86_400_000).toISOString() });
}

const button = (name: string) => (page: Page) => main(page).getByRole('button', { name, exact: true });

const SIGHTS: Sight[] = [
  { name: 'home', path: () => '/', heading: 'The gate, the quay and the ledger.', shows: (page) => main(page).getByRole('link', { name: 'Sign in' }) },
  { name: 'sign-up', path: () => '/sign-up', heading: 'Create account', shows: button('Create account') },
  { name: 'sign-in', path: () => '/sign-in', heading: 'Sign in', shows: button('Sign in') },
  { name: 'forgot-password', path: () => '/forgot-password', heading: 'Forgot your password?', shows: button('Send the link') },
  { name: 'reset-password', path: () => resetLink, heading: 'Choose a new password', shows: button('Change password') },
  { name: 'verify-email', path: () => verifyLink, heading: 'Confirm your address', shows: button('Confirm this address') },
  { name: 'setup', path: () => empty.setupLink, heading: 'Set up Portreeve', shows: button('Create account') },
  { name: 'account', path: () => '/account', heading: 'Account', shows: button('Save changes'), as: 'member' },
  { name: 'security', path: () => '/account/security', heading: 'Security', shows: (page) => main(page).getByText('This device'), as: 'member' },
  { name: 'api-keys', path: () => '/account/api-keys', heading: 'API keys', shows: button('Revoke Nightly backup'), as: 'member' },
  { name: 'files', path: () => '/files', heading: 'Files', shows: (page) => main(page).getByRole('rowheader').first(), as: 'member', live: true },
  { name: 'file', path: () => filePath, heading: 'Blue Peter.png', shows: (page) => main(page).getByRole('img', { name: 'Preview of Blue Peter.png' }), as: 'member', live: true },
  { name: 'shared', path: () => sharedLink, heading: 'A file for you', shows: button('Download') },
  { name: 'shared-locked', path: () => lockedLink, heading: 'A file for you', shows: (page) => field(page, 'Password of the link') },
  {
    name: 'shared-nothing',
    path: () => '/shared/nothing',
    heading: 'Nothing to open here',
    shows: (page) => main(page).getByText('This link does not work, or not any more.'),
    status: 404,
  },
  {
    name: 'overview',
    path: () => '/admin/overview',
    heading: 'Overview',
    shows: (page) => main(page).getByRole('img', { name: /^Stream lag: Nothing waits/ }),
    as: 'admin',
  },
  { name: 'users', path: () => '/admin/users', heading: 'Users', shows: (page) => main(page).getByRole('rowheader').first(), as: 'admin' },
  { name: 'user', path: () => userPath, heading: ada.name, shows: button('Disable account'), as: 'admin' },
  { name: 'service-accounts', path: () => '/admin/service-accounts', heading: 'Service accounts', shows: (page) => main(page).getByRole('rowheader').first(), as: 'admin' },
  { name: 'service-account', path: () => machinePath, heading: 'Nightly backup', shows: button('Revoke Nightly backup'), as: 'admin' },
  { name: 'stream', path: () => '/admin/stream', heading: 'Stream', shows: button('Send all again'), as: 'admin' },
  { name: 'dead-letter', path: () => letterPath, heading: 'Dead letter', shows: button('Send again'), as: 'admin' },
  {
    name: 'not-found',
    path: () => '/nothing/here',
    heading: 'Nothing is moored here',
    shows: (page) => main(page).getByRole('link', { name: 'Go to the start' }),
    status: 404,
  },
];

const address = (sight: Sight) => new URL(sight.path(), server.url).href;

async function visit(browser: Browser, sight: Sight, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options, storageState: sight.as && signedIn[sight.as] });
  return context.newPage();
}

async function look(page: Page, sight: Sight): Promise<void> {
  const answer = await page.goto(address(sight));
  expect(answer?.status()).toBe(sight.status ?? 200);
  await heading(page, sight.heading);
  await expect(sight.shows(page)).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  // Whoever rotates the refresh token hands the next one on.
  if (sight.as) signedIn[sight.as] = await page.context().storageState();
}

/** What the browser says of a page: errors and warnings, and requests that fail. */
function listen(page: Page, sight: Sight): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    const own404 = sight.status === 404 && message.location().url === address(sight);
    if (['error', 'warning', 'assert'].includes(message.type()) && !own404) said.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => said.push(`thrown: ${error.message}`));
  page.on('requestfailed', (request) => said.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  return said;
}

/** What reaches beyond the right edge. */
const beyond = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const elements = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5);
    return [`${scrollWidth} px of ${clientWidth}`, ...elements.map((element) => `${element.tagName}.${element.className}`)];
  });

async function picture(page: Page, name: string): Promise<void> {
  const taken = await page.screenshot({ path: resolve(SCREENSHOTS, `${name}.png`), fullPage: true, animations: 'disabled' });
  expect.soft(taken.length).toBeGreaterThan(5_000);
}

for (const sight of SIGHTS) {
  for (const colorScheme of SCHEMES) {
    test(`${sight.name}, ${colorScheme}: the console stays silent, axe finds nothing, all fits in 320 px, and pictures are taken`, async ({ browser }) => {
      const page = await visit(browser, sight, { colorScheme, viewport: { width: 1440, height: 900 } });
      const said = listen(page, sight);
      await look(page, sight);
      // A live page is never idle: its events keep one request open.
      await (sight.live ? page.waitForTimeout(1_000) : page.waitForLoadState('networkidle'));
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`) }));
      expect.soft(found, 'axe').toEqual([]);
      await picture(page, `${sight.name}-1440-${colorScheme}`);
      await page.setViewportSize({ width: 320, height: 640 });
      expect.soft(await beyond(page), 'cut off at 320 px').toEqual([]);
      await page.setViewportSize({ width: 375, height: 812 });
      await picture(page, `${sight.name}-375-${colorScheme}`);
      expect.soft(said, 'the console').toEqual([]);
      await page.context().close();
    });
  }

  if (!sight.as) {
    test(`${sight.name}: it reads well without JavaScript`, async ({ browser }) => {
      const page = await visit(browser, sight, { javaScriptEnabled: false });
      const answer = await page.goto(address(sight));
      expect(answer?.status()).toBe(sight.status ?? 200);
      await heading(page, sight.heading);
      const needs = page.getByText(/This (form|page) needs JavaScript/);
      if (['home', 'not-found', 'shared-nothing'].includes(sight.name)) await expect(needs).toHaveCount(0);
      else await expect(needs.first()).toBeVisible();
      await expect(page.locator('[aria-busy=true]:visible')).toHaveCount(0);
      await page.context().close();
    });
  }
}

test('the appearance is chosen by a switch, before the first paint, and stays', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(server.url);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Appearance' }).click();
  await expect(page.getByRole('radio', { name: 'System' })).toBeChecked();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await expect.poll(ground).not.toBe(light);
  const dark = await ground();

  await page.goto(`${server.url}/sign-in`, { waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect.poll(ground).toBe(dark);
  // The form can be sent once the page is alive; a menu opened before that closes again.
  await expect(main(page).getByRole('button', { name: 'Sign in' })).toBeEnabled();
  await page.getByRole('button', { name: 'Appearance' }).click();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await page.getByRole('radio', { name: 'System' }).check();
  await page.reload();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme', /./);
  await expect.poll(ground).toBe(light);
});

test('the heading takes the focus after a navigation, and the title tells the page', async ({ page }) => {
  await page.goto(server.url);
  await expect(page).toHaveTitle('Portreeve');
  await main(page).getByRole('link', { name: 'Sign in' }).click();
  await heading(page, 'Sign in');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(page).toHaveTitle('Sign in · Portreeve');
  await expect(field(page, 'Email')).toHaveValue('');
});

test('dialogs and the menu are accessible too', async ({ browser }) => {
  const sight = SIGHTS.find(({ name }) => name === 'security')!;
  for (const colorScheme of SCHEMES) {
    const page = await visit(browser, sight, { colorScheme });
    await look(page, sight);
    const scan = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`);
    await page.getByRole('button', { name: 'Your menu' }).click();
    await expect(page.getByRole('button', { name: 'Sign out', exact: true })).toBeVisible();
    expect(await scan()).toEqual([]);
    await page.keyboard.press('Escape');
    await main(page).getByRole('button', { name: 'Delete account' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await scan()).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await expect(main(page).getByRole('button', { name: 'Delete account' })).toBeFocused();
    await page.context().close();
  }
});
