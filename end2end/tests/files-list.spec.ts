import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { act, post, sent, tokenOf } from '../fixtures/files.ts';
import { heading, main, person, register, signIn, type Person } from '../fixtures/people.ts';
import { Server } from '../fixtures/server.ts';

interface Known {
  name: string;
  size: number;
  /** Place in the order of sending. */
  at: number;
}

/** Files a page. */
const PAGE = 25;
/** In small and capital letters, and beyond ASCII; the signs are no wildcards. */
const ODD = 'Übersicht 50 % & more_.txt';
/** Sent in an order that is neither that of the names nor that of the sizes; of each size there are several, also where a page ends. */
const FILES: Known[] = Array.from({ length: 55 }, (_, at) => {
  const number = (at * 7) % 55;
  const word = number % 2 === 0 ? 'Tide table' : number % 3 === 0 ? 'CHART' : 'chart';
  return { name: `${word} ${String(number).padStart(2, '0')}.txt`, size: ((at * 3) % 7) + 1, at };
});
FILES.push({ name: ODD, size: 3, at: FILES.length });

const ada = person('Ada Lovelace');
let server: Server;
let request: APIRequestContext;

/** Makes an account that has these files, and gives their ids. */
async function owner(who: Person, files: Pick<Known, 'name' | 'size'>[]): Promise<{ token: string; ids: string[] }> {
  await register(request, server, who);
  const token = await tokenOf(request, server, who);
  const ids = [];
  for (const { name, size } of files) ids.push(await post(request, server, token, sent(name, size)));
  return { token, ids };
}

test.beforeAll(async ({ playwright }) => {
  server = await Server.start();
  request = await playwright.request.newContext();
  await owner(ada, FILES);
});
test.afterAll(async () => {
  await request.dispose();
  await server.stop();
});

const names = (page: Page) => main(page).getByRole('rowheader').getByRole('link');
const column = (page: Page, name: string) => main(page).getByRole('columnheader', { name, exact: true });
const field = (page: Page) => page.getByRole('searchbox', { name: 'Search files' });
const turn = (page: Page, way: 'Previous' | 'Next') => main(page).getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: way, exact: true });
const shows = async (page: Page, files: Known[]): Promise<void> => expect(names(page)).toHaveText(files.map(({ name }) => name));
const said = (page: Page, words: string) => main(page).getByRole('status').filter({ hasText: words });

const containing = (text: string): Known[] => FILES.filter(({ name }) => name.toLowerCase().includes(text));
const order = (files: Known[], by: 'name' | 'size' | 'at', way: 'ascending' | 'descending'): Known[] => {
  const key = (file: Known) => (by === 'name' ? file.name.toLowerCase() : file[by]);
  const ascending = [...files].sort((one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : one.at - other.at));
  return way === 'ascending' ? ascending : ascending.reverse();
};
const newest = (files: Known[]): Known[] => order(files, 'at', 'descending');

async function open(page: Page, who: Person, path: string): Promise<void> {
  await signIn(page, server, who);
  await page.goto(`${server.url}${path}`);
  await heading(page, path.includes('show=trash') ? 'Trash' : 'Files');
}

/** From the first page to the last: together they are these files, each once. */
async function walk(page: Page, files: Known[]): Promise<void> {
  for (let from = 0; from < files.length; from += PAGE) {
    await shows(page, files.slice(from, from + PAGE));
    await expect(turn(page, 'Previous')).toHaveCount(from === 0 ? 0 : 1);
    if (from + PAGE < files.length) await turn(page, 'Next').click();
    else await expect(turn(page, 'Next')).toHaveCount(0);
  }
}

test('more files than a page holds are turned over, and a reload and the browser\'s own buttons keep the page', async ({ page }) => {
  await open(page, ada, '/files');
  const all = newest(FILES);
  const [first, second, third] = [all.slice(0, PAGE), all.slice(PAGE, 2 * PAGE), all.slice(2 * PAGE)];
  await shows(page, first);
  await expect(said(page, '56 files.')).toBeVisible();
  await expect(turn(page, 'Previous')).toHaveCount(0);

  await turn(page, 'Next').click();
  await shows(page, second);
  await expect(page).toHaveURL(/\/files\?cursor=[\w-]+$/);
  // The link is below the list; what follows is read from its beginning.
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  await expect(said(page, '56 files.')).toBeVisible();
  await turn(page, 'Next').click();
  await shows(page, third);
  await expect(turn(page, 'Next')).toHaveCount(0);

  await page.reload();
  await shows(page, third);
  await turn(page, 'Previous').click();
  await shows(page, second);
  await page.reload();
  await shows(page, second);
  await turn(page, 'Previous').click();
  await shows(page, first);
  await expect(turn(page, 'Previous')).toHaveCount(0);
  await page.goBack();
  await shows(page, second);
  await page.goForward();
  await shows(page, first);
  await turn(page, 'Next').click();
  await shows(page, second);
});

for (const { label, by, natural, sort } of [
  { label: 'Name', by: 'name', natural: 'ascending', sort: 'name' },
  { label: 'Size', by: 'size', natural: 'descending', sort: 'size' },
  { label: 'Sent', by: 'at', natural: 'descending', sort: '' },
] as const) {
  test(`the list is sorted by the header “${label}”, both ways, over all its pages`, async ({ page }) => {
    // From another order, and from a page that is not the first.
    await open(page, ada, sort === 'name' ? '/files' : '/files?sort=name');
    await turn(page, 'Next').click();
    await expect(turn(page, 'Previous')).toBeVisible();

    const other = natural === 'ascending' ? 'descending' : 'ascending';
    const query = (...parts: string[]) => parts.filter(Boolean).join('&');
    for (const [way, address] of [
      [natural, query(sort && `sort=${sort}`)],
      [other, query(sort && `sort=${sort}`, 'order=reverse')],
    ] as const) {
      const link = column(page, label).getByRole('link');
      await link.focus();
      await page.keyboard.press('Enter');
      await expect(page).toHaveURL(`${server.url}/files${address && `?${address}`}`);
      await expect(column(page, label)).toHaveAttribute('aria-sort', way);
      await expect(main(page).locator('th[aria-sort]')).toHaveCount(1);
      await expect(link).toBeFocused();

      const files = order(FILES, by, way);
      await walk(page, files);
      await expect(page).toHaveURL(new RegExp(`/files\\?${query(address, 'cursor=[\\w-]+')}$`));
      await page.reload();
      await shows(page, files.slice(2 * PAGE));
      await expect(column(page, label)).toHaveAttribute('aria-sort', way);
    }
    // A third time is the first again.
    await column(page, label).getByRole('link').click();
    await expect(column(page, label)).toHaveAttribute('aria-sort', natural);
    await shows(page, order(FILES, by, natural).slice(0, PAGE));
  });
}

test('a search finds what is on any page, keeps the order, and stays in the address', async ({ page }) => {
  await open(page, ada, '/files?sort=size');
  await turn(page, 'Next').click();
  await expect(turn(page, 'Previous')).toBeVisible();
  await field(page).click();
  await page.keyboard.type('cHaRt');
  // It begins with the first page of what is found.
  await expect(page).toHaveURL(`${server.url}/files?search=cHaRt&sort=size`);
  await expect(said(page, '27 files with “cHaRt” in the name.')).toBeVisible();
  await expect(field(page)).toBeFocused();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const charts = order(containing('chart'), 'size', 'descending');
  await walk(page, charts);
  await expect(page).toHaveURL(/\/files\?search=cHaRt&sort=size&cursor=[\w-]+$/);

  await page.reload();
  await expect(field(page)).toHaveValue('cHaRt');
  await shows(page, charts.slice(PAGE));
  await turn(page, 'Previous').click();
  await shows(page, charts.slice(0, PAGE));
  await column(page, 'Name').getByRole('link').click();
  await expect(page).toHaveURL(`${server.url}/files?search=cHaRt&sort=name`);
  await shows(page, order(containing('chart'), 'name', 'ascending').slice(0, PAGE));

  // What is found fits in one page, of which there is nothing to turn.
  await field(page).fill('  tide table 1 ');
  await expect(page).toHaveURL(`${server.url}/files?search=tide%20table%201&sort=name`);
  await shows(page, order(containing('tide table 1'), 'name', 'ascending'));
  await expect(said(page, '5 files with “tide table 1” in the name.')).toBeVisible();
  await expect(turn(page, 'Next')).toHaveCount(0);
  await expect(turn(page, 'Previous')).toHaveCount(0);
  await field(page).fill('');
  await expect(page).toHaveURL(`${server.url}/files?sort=name`);
  await shows(page, order(FILES, 'name', 'ascending').slice(0, PAGE));
});

test('a search takes signs for what they are, letters in any case, and Enter without the page being left', async ({ page }) => {
  await open(page, ada, '/files');
  await shows(page, newest(FILES).slice(0, PAGE));
  await page.evaluate(() => document.body.setAttribute('data-still-there', ''));
  for (const [text, address] of [
    ['%', '%25'],
    ['_', '_'],
    ['50 % & m', '50%20%25%20%26%20m'],
    ['ÜBERSICHT', '%C3%9CBERSICHT'],
  ]) {
    await field(page).fill(text);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${server.url}/files?search=${address}`);
    await expect(said(page, `1 file with “${text}” in the name.`)).toBeVisible();
    await expect(names(page)).toHaveText([ODD]);
  }
  await expect(page.locator('[data-still-there]')).toBeVisible();
  await page.reload();
  await expect(field(page)).toHaveValue('ÜBERSICHT');
  await expect(names(page)).toHaveText([ODD]);
});

test('a search that finds nothing says so, and shows all again when asked', async ({ page }) => {
  await open(page, ada, '/files');
  await field(page).fill('No such file');
  await expect(said(page, '0 files with “No such file” in the name.')).toBeVisible();
  await expect(main(page).getByText('No file has that in its name.')).toBeVisible();
  await expect(main(page).getByRole('table')).toHaveCount(0);
  await expect(main(page).getByText('Nothing is here yet.')).toHaveCount(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  }
  await page.reload();
  await expect(main(page).getByText('No file has that in its name.')).toBeVisible();
  await main(page).getByRole('link', { name: 'Show all' }).click();
  await expect(page).toHaveURL(`${server.url}/files`);
  await shows(page, newest(FILES).slice(0, PAGE));
  await expect(field(page)).toHaveValue('');
});

test('of two searches the later is shown in the end, however long the answer to the first takes', async ({ page }) => {
  await open(page, ada, '/files');
  await shows(page, newest(FILES).slice(0, PAGE));
  let release = (): void => undefined;
  const held = new Promise<void>((done) => (release = done));
  const isFirst = (text: string | null) => text?.includes('"tide table 1"') ?? false;
  await page.route('**/api/files/list', async (route) => {
    if (isFirst(route.request().postData())) await held;
    await route.continue().catch(() => undefined);
  });
  const asked = page.waitForRequest((request) => isFirst(request.postData()));
  await field(page).fill('tide table 1');
  const first = await asked;
  await field(page).fill('chart 07');
  await expect(page).toHaveURL(`${server.url}/files?search=chart%2007`);
  // It does not wait for what nobody wants to know any more.
  await shows(page, containing('chart 07'));
  release();
  // Answered, or given up by the page, which does as well.
  await first.response().catch(() => null);
  await shows(page, containing('chart 07'));
  await expect(said(page, '1 file with “chart 07” in the name.')).toBeVisible();
  await expect(field(page)).toHaveValue('chart 07');
});

test('what comes while one searches is shown if it fits, and what is renamed leaves if it does not any more', async ({ page }) => {
  const grace = person('Grace Hopper');
  const { token } = await owner(grace, [{ name: 'log of May.txt', size: 1 }]);
  await open(page, grace, '/files?search=log&sort=name');
  await expect(names(page)).toHaveText(['log of May.txt']);
  await post(request, server, token, sent('picture.txt', 2));
  await post(request, server, token, sent('Log of June.txt', 3));
  await expect(names(page)).toHaveText(['Log of June.txt', 'log of May.txt']);
  await expect(said(page, '2 files with “log” in the name.')).toBeVisible();

  await act(page, 'log of May.txt', 'Rename');
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await dialog.getByLabel('Name').fill('diary of May.txt');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(names(page)).toHaveText(['Log of June.txt']);
  await expect(said(page, '1 file with “log” in the name.')).toBeVisible();
});

test('the trash is searched, sorted and turned over by itself', async ({ page }) => {
  const mary = person('Mary Jackson');
  const kept = { name: 'draft kept.txt', size: 1 };
  const thrown = Array.from({ length: PAGE + 2 }, (_, at) => ({ name: `draft ${String(at).padStart(2, '0')}.txt`, size: 1, at }));
  const { token, ids } = await owner(mary, [kept, ...thrown]);
  for (const id of ids.slice(1)) {
    const answer = await request.patch(`${server.url}/v1/files/${id}`, { headers: { Authorization: `Bearer ${token}`, 'If-Match': '*' }, data: { trashed: true } });
    expect(answer.status(), await answer.text()).toBe(200);
  }
  await open(page, mary, '/files?show=trash');
  await expect(said(page, '27 files in the trash.')).toBeVisible();
  await walk(page, newest(thrown));
  await expect(page).toHaveURL(/\/files\?show=trash&cursor=[\w-]+$/);
  await page.reload();
  await heading(page, 'Trash');
  await shows(page, newest(thrown).slice(PAGE));
  await column(page, 'Name').getByRole('link').click();
  await expect(page).toHaveURL(`${server.url}/files?show=trash&sort=name`);
  await shows(page, thrown.slice(0, PAGE));

  await field(page).fill('draft 2');
  await expect(page).toHaveURL(`${server.url}/files?show=trash&search=draft%202&sort=name`);
  await shows(page, thrown.slice(20));
  await expect(said(page, '7 files in the trash with “draft 2” in the name.')).toBeVisible();
  await field(page).fill('kept');
  await expect(main(page).getByText('No file has that in its name.')).toBeVisible();
  await expect(said(page, '0 files in the trash with “kept” in the name.')).toBeVisible();
  await main(page).getByRole('link', { name: 'Show all' }).click();
  await expect(page).toHaveURL(`${server.url}/files?show=trash&sort=name`);
  await shows(page, thrown.slice(0, PAGE));
  await main(page).getByRole('link', { name: 'Back to files' }).click();
  await heading(page, 'Files');
  await expect(names(page)).toHaveText([kept.name]);
});

test('a page of the list that was emptied leads to the first', async ({ page }) => {
  const joan = person('Joan Clarke');
  const sheets = Array.from({ length: PAGE + 2 }, (_, at) => ({ name: `sheet ${String(at).padStart(2, '0')}.txt`, size: 1, at }));
  await owner(joan, sheets);
  await open(page, joan, '/files?sort=name');
  await turn(page, 'Next').click();
  await shows(page, sheets.slice(PAGE));
  await main(page).getByRole('checkbox', { name: 'Select all on this page' }).check();
  await main(page).getByRole('group', { name: 'For the selected files' }).getByRole('button', { name: 'Delete' }).click();
  await expect(main(page).getByText('Nothing is left on this page of the list.')).toBeVisible();
  await expect(main(page).getByText('Nothing is here yet.')).toHaveCount(0);
  await main(page).getByRole('link', { name: 'To the first page' }).click();
  await expect(page).toHaveURL(`${server.url}/files?sort=name`);
  await shows(page, sheets.slice(0, PAGE));
});

test('whoever turns a page by keyboard goes on at the heading, and no link says that it is the page one is on', async ({ page }) => {
  await open(page, ada, '/files');
  await shows(page, newest(FILES).slice(0, PAGE));
  for (const way of ['Next', 'Next', 'Previous'] as const) {
    await turn(page, way).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  }
  await shows(page, newest(FILES).slice(PAGE, 2 * PAGE));
  await expect(main(page).locator('[aria-current="page"]')).toHaveCount(0);
});

test('on a narrow screen the list is sorted by what has no column there', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 800 });
  await open(page, ada, '/files');
  const by = main(page).getByRole('navigation', { name: 'Sort by' });
  for (const [label, address, files] of [
    ['Size', '?sort=size', order(FILES, 'size', 'descending')],
    ['Size', '?sort=size&order=reverse', order(FILES, 'size', 'ascending')],
    ['Sent', '', newest(FILES)],
  ] as const) {
    await by.getByRole('link', { name: label }).click();
    await expect(page).toHaveURL(`${server.url}/files${address}`);
    await expect(by.getByRole('link', { name: label })).toHaveAttribute('aria-current', 'true');
    await shows(page, files.slice(0, PAGE));
  }
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

test('after going back, the field says what the list was searched for', async ({ page }) => {
  await open(page, ada, '/files');
  await shows(page, newest(FILES).slice(0, PAGE));
  await column(page, 'Name').getByRole('link').click();
  await expect(page).toHaveURL(`${server.url}/files?sort=name`);
  await field(page).fill('chart 05');
  await shows(page, containing('chart 05'));
  await expect(field(page)).toBeFocused();
  await page.goBack();
  await expect(page).toHaveURL(`${server.url}/files`);
  await expect(field(page)).toHaveValue('');
  await shows(page, newest(FILES).slice(0, PAGE));
});
