import { expect, type Page } from '@playwright/test';
import { accessibilityFindings } from './accessibility';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** What a reader does with a single line: open its fields, filter by a value, lay fields out as columns, unfold a long one. */

const RUN = 'structured-run';
const ATTACK = "globalThis.wasAttacked = 'yes'";
const REQUESTS = [
  { level: 'info', msg: 'request handled', user: { name: 'ada', id: 7 }, status: 200, tags: ['a', 'b c'] },
  { level: 'info', msg: 'request handled', user: { name: 'grace', id: 8 }, status: 200, tags: [] },
  {
    level: 'error',
    msg: 'request failed',
    user: { name: 'ada', id: 7 },
    status: 500,
    stack: 'Error: boom\n    at run',
  },
];
const LOGFMT = '12:30 listening port=8080 host="::1"';
const HOSTILE = {
  msg: `<img src=x onerror="${ATTACK}">`,
  [`<b>${ATTACK}</b>`]: '</script><script>alert(1)</script>',
  control: '\u0000\u001b[31m',
  big: 1,
};

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  await createRun(server.url, RUN);
  await postLines(server.url, RUN, [
    ...REQUESTS.map((request) => JSON.stringify(request)),
    LOGFMT,
    'plain words',
    // Numbers that JavaScript cannot hold.
    JSON.stringify(HOSTILE).replace('"big":1', '"big":12345678901234567890'),
    { message: 'with attributes', ...{ region: 'eu', dropped_lines: 1204 } },
  ]);
});

test.afterAll(async () => {
  await server.close();
});

test.afterEach(async ({ page }) => {
  expect(await page.evaluate(() => 'wasAttacked' in globalThis)).toBe(false);
});

/** The run's first line is the system's, so that the first that was posted is line 2. */
async function openFields(log: LogPage, line: number): Promise<void> {
  await log
    .row(line)
    .getByRole('button', { name: `Expand fields of line ${line}` })
    .click();
  await expect(log.row(line).getByRole('list').first()).toBeVisible();
}

async function choose(page: Page, item: string | RegExp): Promise<void> {
  await page.getByRole('menuitem', { name: item }).click();
}

test('a JSON line opens into a tree whose parts open and close', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await openFields(log, 2);
  const row = log.row(2);
  const fields = row.getByRole('list', { name: 'Fields of line 2' });
  await expect(fields.getByRole('listitem').first()).toHaveText('levelinfo');
  const user = row.getByRole('button', { name: 'user', exact: true });
  await expect(user).toHaveAttribute('aria-expanded', 'true');
  await expect(row.getByRole('button', { name: 'user.name: ada' })).toBeVisible();
  await user.click();
  await expect(row.getByRole('button', { name: 'user.name: ada' })).toHaveCount(0);
  await user.press('Enter');
  await expect(row.getByRole('button', { name: 'user.name: ada' })).toBeVisible();

  // Text in several lines is laid out so.
  await openFields(log, 4);
  await expect(log.row(4).getByRole('button', { name: /^stack: / })).toHaveText('Error: boom\n    at run', {
    useInnerText: true,
  });

  await openFields(log, 5);
  await expect(log.row(5).getByRole('listitem')).toHaveText(['port8080', 'host::1']);
  await expect(log.row(6).getByRole('button')).toHaveCount(0);

  const toggle = row.getByRole('button', { name: 'Expand fields of line 2' });
  await expect(toggle).toHaveAttribute('aria-expanded', 'true');
  await toggle.click();
  await expect(fields).toHaveCount(0);
});

test('what is open stays open when its row leaves the page and comes back', async ({ page }) => {
  const id = 'scrolled-run';
  await postLines(server.url, id, [
    '{"first":1,"second":2}',
    ...Array.from({ length: 900 }, (_, index) => `line ${index + 2}`),
  ]);
  const log = new LogPage(page);
  await log.open(server.url, id);
  await log.list.focus();
  await page.keyboard.press('Home');
  await openFields(log, 1);
  await page.keyboard.press('End');
  await expect(log.row(901)).toBeInViewport();
  await expect(log.row(1)).toHaveCount(0);
  await page.keyboard.press('Home');
  await expect(log.row(1).getByRole('button', { name: 'first: 1' })).toBeVisible();
});

test('a value filters and excludes; the address keeps the term', async ({ page }) => {
  const log = new LogPage(page);
  const shown = log.list.locator('[data-line]');
  await log.open(server.url, RUN);
  await expect(shown).toHaveCount(8);
  await openFields(log, 2);
  await log.row(2).getByRole('button', { name: 'user.name: ada' }).click();
  await choose(page, /^Filter for/);
  await expect(log.filterText).toHaveValue('user.name:ada');
  await expect(shown).toHaveCount(2);
  await expect(page).toHaveURL(/[?&]q=user\.name:ada/);

  // The row is open still.
  await log.row(2).getByRole('button', { name: 'status: 200' }).click();
  await choose(page, /^Exclude/);
  await expect(log.filterText).toHaveValue('user.name:ada -status:200');
  await expect(shown).toHaveCount(1);
  await expect(shown).toHaveAttribute('data-line', '4');
  await expect(page).toHaveURL(/[?&]q=user\.name:ada[^&]*status:200/);
  await page.reload();
  await expect(shown).toHaveCount(1);

  await log.filterText.fill('');
  await openFields(log, 2);
  await log.row(2).getByRole('button', { name: 'tags.1: b c' }).click();
  await choose(page, /^Filter for/);
  await expect(log.filterText).toHaveValue('tags:"b c"');
  await expect(shown).toHaveCount(1);

  // A number is copied and looked for with all its digits.
  await log.filterText.fill('');
  await openFields(log, 7);
  await log.row(7).getByRole('button', { name: 'big: 12345678901234567890' }).click();
  await choose(page, /^Filter for/);
  await expect(log.filterText).toHaveValue('"\\"big\\":12345678901234567890"');
  await expect(shown).toHaveCount(1);
});

test('values and paths are copied as the program wrote them', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await openFields(log, 4);
  await log
    .row(4)
    .getByRole('button', { name: /^stack: / })
    .click();
  await choose(page, 'Copy value');
  await expect.poll(copied).toBe('Error: boom\n    at run');
  await log.row(4).getByRole('button', { name: 'user.id: 7' }).click();
  await choose(page, 'Copy path');
  await expect.poll(copied).toBe('user.id');
  await log.row(4).getByRole('button', { name: 'user: 2 fields' }).click();
  await choose(page, 'Copy value');
  await expect.poll(copied).toBe('{"name":"ada","id":7}');
});

test('attributes are shown and copied; what the sender dropped stands at its place', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  const row = log.row(8);
  await expect(row.locator('.log-message')).toHaveText('with attributes');
  await expect(row.getByRole('img', { name: /^The sender dropped 1,204 lines before this one/ })).toBeVisible();
  await openFields(log, 8);
  await row.getByRole('button', { name: 'region: eu' }).click();
  await expect(page.getByRole('menuitem')).toHaveText(['Copy value', 'Copy path']);
});

test('fields are chosen as columns, ordered and hidden; the address keeps them', async ({ page }) => {
  const log = new LogPage(page);
  const head = page.locator('.log-columns');
  const heads = head.locator('span');
  await log.open(server.url, RUN);
  await page.getByRole('button', { name: 'Columns' }).click();
  const popover = page.getByRole('dialog', { name: 'Columns' });
  await popover.getByRole('button', { name: 'Show status' }).click();
  await popover.getByRole('button', { name: 'Show user.name' }).click();
  await expect(heads).toHaveText(['message', 'status', 'user.name']);
  await expect(log.row(2).locator('.log-cell')).toHaveText(['request handled', '200', 'ada']);
  await expect(log.row(5).locator('.log-cell')).toHaveText(['12:30 listening']);
  await expect(log.row(6).locator('.log-message')).toHaveText('plain words');

  await popover.getByRole('button', { name: 'Move user.name up' }).click();
  await expect(heads).toHaveText(['message', 'user.name', 'status']);
  await expect(page).toHaveURL(/[?&]cols=user\.name,status/);
  await popover.getByRole('button', { name: 'Hide status' }).click();
  await expect(log.row(2).locator('.log-cell')).toHaveText(['request handled', 'ada']);
  await page.keyboard.press('Escape');
  await expect(popover).toHaveCount(0);

  // Names stand above their cells.
  const [name, cell] = await Promise.all([
    heads.filter({ hasText: 'user.name' }).boundingBox(),
    log.row(2).locator('[data-column="user.name"]').boundingBox(),
  ]);
  expect(Math.abs((name?.x ?? 0) - (cell?.x ?? -100))).toBeLessThan(1);

  await log.row(2).locator('[data-column="user.name"] .log-cell').click();
  await choose(page, /^Exclude/);
  await expect(log.filterText).toHaveValue('-user.name:ada');
  await page.reload();
  await expect(heads).toHaveText(['message', 'user.name']);
  await expect(log.row(3).locator('.log-cell')).toHaveText(['request handled', 'grace']);

  await page.getByRole('button', { name: /^Columns/ }).click();
  await page.getByRole('switch', { name: 'Show fields as columns' }).click();
  await expect(head).toHaveCount(0);
  await expect(log.row(3).locator('.log-message')).toHaveText(JSON.stringify(REQUESTS[1]));
  await expect(page).not.toHaveURL(/cols=/);
  await page.getByRole('switch', { name: 'Show fields as columns' }).click();
  await expect(heads).toHaveText(['message', 'user.name']);
});

test('on a phone columns scroll sideways, and their names with them', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 800 });
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?cols=status,level,user.name,user.id');
  const head = page.locator('.log-columns span').last();
  const cell = log.row(2).locator('[data-column="user.id"]');
  await expect(cell).not.toBeInViewport();
  await log.list.evaluate((list) => list.scrollBy(2000, 0));
  await expect(cell).toBeInViewport();
  await expect
    .poll(async () => Math.abs(((await head.boundingBox())?.x ?? 0) - ((await cell.boundingBox())?.x ?? -100)))
    .toBeLessThan(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test('a very long line is folded, counts the matches that are out of sight, and opens', async ({ page }) => {
  const id = 'long-line-run';
  const long = `begin ${'lorem ipsum '.repeat(1000)}needle and needle`;
  await postLines(server.url, id, ['before', long, 'after']);
  const log = new LogPage(page);
  await log.open(server.url, id);
  const text = log.row(2).locator('.log-message');
  await expect(text).toHaveText(long.slice(0, 4000));
  await log.filterText.fill('needle');
  await expect(log.row(2)).toContainText('2 matches in the folded part');
  await log.row(2).getByRole('button', { name: 'Show all 12 kB' }).click();
  await expect(text).toHaveText(long);
  await expect(text.locator('mark')).toHaveText(['needle', 'needle']);
  await log.row(2).getByRole('button', { name: 'Show less' }).click();
  await expect(text).toHaveText(long.slice(0, 4000));
});

test('a stack trace stays together under a filter, before and after it is written', async ({ page }) => {
  const id = 'trace-run';
  const trace = (name: string) => [
    { message: `Error: ${name}`, level: 'error' },
    '    at open (node:fs:1:2)',
    '    at run (/app/a.js:3:4)',
    'going on',
  ];
  await createRun(server.url, id);
  await postLines(server.url, id, ['before', ...trace('first')]);
  const log = new LogPage(page);
  await log.open(server.url, id, '?level=error');
  const messages = log.list.locator('[data-line] .log-message');
  await expect(messages).toHaveText(['Error: first', '    at open (node:fs:1:2)', '    at run (/app/a.js:3:4)']);
  await postLines(server.url, id, trace('second'));
  await expect(messages).toHaveText([/first$/, /open/, /run/, /second$/, /open/, /run/]);
  await log.filterText.fill('second');
  await expect(messages).toHaveText([/second$/, /open/, /run/]);
  await log.filterText.fill('second -open');
  await expect(messages).toHaveText([/second$/, /run/]);
});

test('whatever stands in names and values is text', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await openFields(log, 7);
  const items = log.row(7).getByRole('listitem');
  await expect(items.nth(0)).toHaveText(`msg${HOSTILE.msg}`);
  await expect(items.nth(1)).toHaveText(`<b>${ATTACK}</b></script><script>alert(1)</script>`);
  await expect(items.nth(2)).toHaveText('control\u2400\u241b[31m');
  await expect(items.nth(3)).toHaveText('big12345678901234567890');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('button', { name: `Show <b>${ATTACK}</b>` }).click();
  await expect(log.row(7).locator('.log-cell')).toHaveText([HOSTILE.msg, '</script><script>alert(1)</script>']);
  expect(await page.locator('main script, main iframe, main img, main b').count()).toBe(0);
});

for (const theme of ['light', 'dark'] as const) {
  test(`open fields, columns and their choice have no accessibility violation in the ${theme} theme`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const log = new LogPage(page);
    await log.open(server.url, RUN, '?cols=status,user.name');
    await openFields(log, 4);
    await page.getByRole('button', { name: /^Columns/ }).click();
    await expect(page.getByRole('dialog', { name: 'Columns' })).toBeVisible();
    expect(await accessibilityFindings(page)).toEqual([]);
  });
}
