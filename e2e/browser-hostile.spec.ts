import { expect } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Log text is hostile input: whatever a program prints is text, on every page that shows it. */

const RUN = 'hostile-run';
const ESC = '\u001b';
const ATTACK = "globalThis.wasAttacked = 'yes'";

const MARKUP = [
  `<script>${ATTACK}</script>`,
  `<img src=x onerror="${ATTACK}">`,
  `"><svg onload=${ATTACK}>`,
  `</script><script>${ATTACK}</script>`,
  `<iframe srcdoc="<script>parent.${ATTACK}</script>"></iframe>`,
  `<!-- ]]> <style>body{display:none}</style>`,
  '<a href="javascript:alert(1)">click</a> {{constructor.constructor("alert(1)")()}}',
];

const BOMBS = [
  `cursor ${ESC}[999999999C far away`,
  `clear ${`${ESC}[2J${ESC}[H`.repeat(2000)}cleared`,
  `styles ${Array.from({ length: 3000 }, (_, index) => `${ESC}[38;5;${index % 256}mx`).join('')}${ESC}[0m`,
  `repeat ${ESC}[999999999b repeated`,
  `title ${ESC}]0;owned\u0007titled`,
  `unterminated ${ESC}]8;;https://example.org/${'a'.repeat(2000)}`,
  `parameters ${ESC}[${'1;'.repeat(5000)}mcoloured`,
  `alternate ${ESC}[?1049h${ESC}[?25lscreen`,
];

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

test.afterEach(async ({ page }) => {
  expect(await page.evaluate(() => 'wasAttacked' in globalThis)).toBe(false);
  expect(await page.locator('main script, main iframe, main img, main style').count()).toBe(0);
});

/** Posts the lines to a run that is shown, and once more before it is shown: both ways a line reaches a page. */
async function show(log: LogPage, id: string, messages: readonly string[]): Promise<void> {
  await postLines(server.url, id, messages);
  await log.open(server.url, id);
  await expect(log.row(messages.length)).toBeVisible();
  await postLines(server.url, id, messages);
  await expect(log.row(2 * messages.length)).toBeVisible();
}

test('markup is shown as the text that it is', async ({ page }) => {
  const log = new LogPage(page);
  await show(log, RUN, MARKUP);
  await expect(log.list.locator('[data-line] .log-message')).toHaveText([...MARKUP, ...MARKUP]);
  await expect(page.locator('body')).toBeVisible();
});

test('markup in names is text in lists, headings and titles', async ({ page }) => {
  const name = `<img src=x onerror="${ATTACK}">`;
  const body = JSON.stringify({ id: 'named-run', job_name: name, triggered_by: name, metadata: { [name]: name } });
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
  expect((await fetch(`${server.url}/api/v1/job-runs`, init)).status).toBe(201);
  await postLines(server.url, 'named-run', [{ message: 'a line', task_name: name }]);
  await page.goto(server.url);
  await expect(page.locator('[data-run="named-run"]')).toContainText(name);
  await page.goto(`${server.url}/job-runs/named-run`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  await expect(page).toHaveTitle(new RegExp(`^● ${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
});

test('all runs’ lines together are text too', async ({ page }) => {
  await page.goto(`${server.url}/live`);
  await expect(page.locator('[data-stream-state="live"]')).toBeVisible();
  await postLines(server.url, 'live-hostile', MARKUP);
  await expect(page.getByRole('log').locator('[data-line]').filter({ hasText: 'onerror' }).last()).toBeVisible();
});

test('escape sequences that would flood, clear or move a terminal leave the lines readable', async ({ page }) => {
  const log = new LogPage(page);
  await show(log, 'bombed-run', BOMBS);
  for (const word of ['far away', 'cleared', 'styles', 'repeated', 'titled', 'coloured', 'screen']) {
    await expect(log.rowsWith(word).first()).toBeVisible();
  }
  expect(await page.title()).not.toContain('owned');
  const longest = await log.list.evaluate((list) =>
    Math.max(...[...list.querySelectorAll('[data-line]')].map((row) => row.textContent.length)),
  );
  expect(longest).toBeLessThan(20_000);
});

test('links that a program prints lead to web addresses alone', async ({ page }) => {
  const log = new LogPage(page);
  const link = (target: string) => `${ESC}]8;;${target}${ESC}\\link${ESC}]8;;${ESC}\\`;
  await show(log, 'linked-run', [
    link(`javascript:${ATTACK}`),
    link('data:text/html,<script>alert(1)</script>'),
    link(' jAvAsCrIpT:alert(1)'),
    link('https://example.org/'),
    `see javascript:${ATTACK} and https://example.org/plain`,
  ]);
  const links = log.list.locator('.log-message a');
  const targets = await links.evaluateAll((all) => all.map((each) => each.getAttribute('href')));
  expect(new Set(targets)).toEqual(new Set(['https://example.org/', 'https://example.org/plain']));
  // Its text is the program's; where it goes is ours to say.
  await expect(links.filter({ hasText: /^link$/ }).first()).toHaveAttribute(
    'title',
    'Opens example.org: https://example.org/',
  );
});

test('text that changes direction stays in its own line', async ({ page }) => {
  const log = new LogPage(page);
  const override = '\u202Egnp.exe \u2066\u2067 \u05D0\u05D1\u05D2';
  await show(log, 'overriding-run', [override, 'plain line']);
  await expect(log.row(1)).toContainText('gnp.exe');
  const numberLeft = await log
    .row(1)
    .locator('.log-number')
    .evaluate((number) => number.getBoundingClientRect().left);
  const plainLeft = await log
    .row(2)
    .locator('.log-number')
    .evaluate((number) => number.getBoundingClientRect().left);
  expect(numberLeft).toBe(plainLeft);
  await expect(log.row(2).locator('.log-message')).toHaveCSS('direction', 'ltr');
});

test('a line of 100 kB is shown whole where the reader asks, and the page stays usable', async ({ page }) => {
  const log = new LogPage(page);
  const long = `begin ${'0123456789 '.repeat(10_000)}end`;
  await postLines(server.url, 'wide-run', ['before', long, 'after']);
  await log.open(server.url, 'wide-run');
  await expect(log.rowsWith('after')).toBeInViewport();
  await log.row(2).getByRole('button', { name: 'Show all 110 kB' }).click();
  await expect(log.row(2).locator('.log-message')).toHaveText(long);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await postLines(server.url, 'wide-run', ['still alive']);
  await expect(log.rowsWith('still alive')).toBeInViewport();
});

test('a run whose every character has a colour of its own, and whose metadata are endless, has a light page', async ({
  page,
}) => {
  const id = 'heavy-run';
  const metadata = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`name ${index}`, `value ${index}`]));
  await createRun(server.url, id, { metadata });
  const colourful = Array.from({ length: 20_000 }, (_, index) => `\x1b[3${(index % 7) + 1}mx`).join('');
  await postLines(
    server.url,
    id,
    Array.from({ length: 60 }, () => colourful),
  );
  await finishRun(server.url, id, { exit_code: 0 });
  const answer = await page.request.get(`${server.url}/job-runs/${id}`);
  expect((await answer.body()).length).toBeLessThan(4 * 1024 * 1024);
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.row(62)).toBeInViewport();
  expect(await log.list.locator('span').count()).toBeLessThan(20_000);
  await expect(page.getByRole('button', { name: 'Show all 5,000 details' })).toBeVisible();
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.row(1)).toBeInViewport();
});
