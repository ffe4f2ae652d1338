import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** What a reader does with a run's page: link, wait, filter, save. */

const LONG = 'long-run';
const LONG_LINES = 20_000;
const MIXED = 'mixed-run';

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  await postLines(
    server.url,
    LONG,
    Array.from({ length: LONG_LINES }, (_, index) => `line ${index + 1}`),
  );
  await finishRun(server.url, LONG, { exit_code: 0 });
  await createRun(server.url, MIXED);
  await postLines(server.url, MIXED, [
    { message: 'compiling module alpha', level: 'info', task_name: 'build' },
    { message: 'module alpha is deprecated', level: 'warn', stream: 'stderr', task_name: 'build' },
    { message: 'module beta failed', level: 'error', stream: 'stderr', task_name: 'build' },
    { message: 'cache probe', level: 'debug', task_name: 'test' },
    { message: 'all tests of alpha passed', level: 'info', task_name: 'test' },
  ]);
});

test.afterAll(async () => {
  await server.close();
});

test('a link to a line far outside the newest ones brings it into sight and marks it', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG, '#L42');
  await expect(log.row(42)).toBeInViewport();
  await expect(log.row(42)).toHaveAttribute('data-selected', '');
  await expect(log.row(42).locator('.log-message')).toHaveText('line 42');
  await expect(log.row(43)).not.toHaveAttribute('data-selected');

  await page.evaluate(() => {
    location.hash = '#L10000-L10002';
  });
  await expect(log.row(10_000)).toBeInViewport();
  await expect(log.list.locator('[data-selected]')).toHaveText([/line 10000/, /line 10001/, /line 10002/]);
});

test('a click on a line’s number makes the address a link to it', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG);
  await log
    .row(LONG_LINES - 3)
    .getByRole('link')
    .click();
  await expect(page).toHaveURL(new RegExp(`#L${LONG_LINES - 3}$`));
  await page.reload();
  await expect(log.row(LONG_LINES - 3)).toHaveAttribute('data-selected', '');
  await expect(log.row(LONG_LINES - 3)).toBeInViewport();
});

test('a link to a line that the run does not have says so', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG, '#L99999');
  await expect(log.list).toContainText('There is no line 99,999 yet; the newest is 20,000.');
});

test('scrolling up reads on to the first line', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG);
  await expect(log.row(LONG_LINES)).toBeInViewport();
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.row(1)).toBeInViewport();
  await expect(log.list).toContainText('Beginning of the log');
  await page.keyboard.press('End');
  await expect(log.row(LONG_LINES)).toBeInViewport();
});

test.describe('with pages that fail', () => {
  test.use({ outages: true });

  test('they are told, and asked for again by themselves', async ({ page }) => {
    const log = new LogPage(page);
    await log.open(server.url, LONG);
    const pages = (url: URL) => url.pathname.endsWith(`/logs/job-runs/${LONG}`);
    await page.route(pages, (route) => route.abort());
    await log.list.hover();
    const retry = page.getByRole('button', { name: 'Try again' });
    const scrollUp = async () => {
      await page.mouse.wheel(0, -5000);
      return retry.count();
    };
    await expect.poll(scrollUp).toBe(1);
    const first = await log.firstInSight();
    await page.unroute(pages);
    await expect(retry).toHaveCount(0);
    await page.mouse.wheel(0, -5000);
    await expect.poll(() => log.firstInSight()).toBeLessThan(first);
  });
});

test('scrolling up pauses, new lines are counted and move nothing, and one click resumes', async ({ page }) => {
  const id = 'followed-run';
  await createRun(server.url, id);
  await postLines(
    server.url,
    id,
    Array.from({ length: 300 }, (_, index) => `line ${index + 2}`),
  );
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.state).toHaveText(/Live/);
  await expect(log.row(301)).toBeInViewport();

  await log.wheel(-1500);
  await expect(log.state).toHaveText(/Paused/);
  await expect(log.row(301)).not.toBeInViewport();
  const place = await readPlace(log);

  await postLines(server.url, id, ['newer 1', 'newer 2', 'newer 3']);
  const bar = page.getByRole('button', { name: '3 new lines – jump to newest' });
  await expect(bar).toBeVisible();
  expect(await readPlace(log)).toEqual(place);

  await bar.click();
  await expect(log.rowsWith('newer 3')).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
  await expect(bar).toHaveCount(0);
  await postLines(server.url, id, ['newer 4']);
  await expect(log.rowsWith('newer 4')).toBeInViewport();
});

/** The line in the middle of the list, and where it is. */
async function readPlace(log: LogPage): Promise<{ line: string | undefined; top: number }> {
  return log.list.evaluate((list) => {
    const { top, height, left } = list.getBoundingClientRect();
    const row = document.elementFromPoint(left + 80, top + height / 2)?.closest<HTMLElement>('[data-line]');
    return { line: row?.dataset.line, top: row?.getBoundingClientRect().top ?? 0 };
  });
}

test('lines are filtered by level, stream and text, and the address keeps the filter', async ({ page }) => {
  const log = new LogPage(page);
  const messages = log.list.locator('[data-line] .log-message');
  await log.open(server.url, MIXED);
  await expect(messages).toHaveCount(6);

  await page.getByRole('button', { name: /^error/ }).click();
  await expect(messages).toHaveText(['module beta failed']);
  await page.getByRole('button', { name: /^warn/ }).click();
  await expect(messages).toHaveText(['module alpha is deprecated', 'module beta failed']);
  await expect(page).toHaveURL(/level=(error,warn|warn,error)/);
  await page.reload();
  await expect(messages).toHaveText(['module alpha is deprecated', 'module beta failed']);

  // A line that comes while the filter is on is filtered too.
  await postLines(server.url, MIXED, [{ message: 'module gamma' }, { message: 'module delta failed', level: 'error' }]);
  await expect(messages).toHaveText(['module alpha is deprecated', 'module beta failed', 'module delta failed']);

  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await page.getByRole('button', { name: /^Filters/ }).click();
  await page.getByRole('checkbox', { name: /^stderr/ }).check();
  await page.keyboard.press('Escape');
  await expect(messages).toHaveText(['module alpha is deprecated', 'module beta failed']);
  await expect(page).toHaveURL(/stream=stderr/);

  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await log.filterText.fill('alpha -deprecated');
  await expect(messages).toHaveText(['compiling module alpha', 'all tests of alpha passed']);
  await expect(log.list.locator('mark')).toHaveText(['alpha', 'alpha']);
  await log.filterText.fill('nothing has this');
  await expect(log.list).toContainText('No line matches this filter.');
});

test('a text filter finds lines far outside those that are loaded', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG);
  await expect(log.row(LONG_LINES)).toBeInViewport();
  await log.filterText.fill('"line 1234"');
  await expect(log.row(1234)).toBeVisible();
  await expect(log.list.locator('[data-line]').first()).toHaveAttribute('data-line', '1234');
});

test('the newest lines can be read without JavaScript', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const log = new LogPage(await context.newPage());
  await log.visit(server.url, LONG);
  await expect(log.row(LONG_LINES)).toBeInViewport();
  await expect(log.row(LONG_LINES).locator('.log-message')).toHaveText(`line ${LONG_LINES}`);
  await expect(log.list.locator('[data-line]').first()).toHaveAttribute('data-line', String(LONG_LINES - 199));
  await context.close();
});

for (const { item, format, file } of [
  { item: 'Text with times', format: 'text', file: `stratal-${LONG}.log` },
  { item: 'Plain text', format: 'raw', file: `stratal-${LONG}.log` },
  { item: 'JSON lines', format: 'ndjson', file: `stratal-${LONG}.ndjson` },
]) {
  test(`the menu saves the log as a file: ${format}`, async ({ page }) => {
    await new LogPage(page).open(server.url, LONG);
    await page.getByRole('button', { name: 'Download' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: item }).first().click(),
    ]);
    expect(download.suggestedFilename()).toBe(file);
    const saved = await readFile(await download.path());
    const answer = await fetch(`${server.url}/api/v1/logs/job-runs/${LONG}/download?format=${format}`);
    expect(saved.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
    expect(saved.toString().split('\n').length).toBeGreaterThan(LONG_LINES);
  });
}
