import { expect, type Locator } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, type PostedLine, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Groups of many thousand lines, of which the viewer holds a part. */

const LINES = 30_000;
const GROUP = { marker: 2, end: 29_000, error: 14_500 };
const COUNTS = /1 error28,997 lines/;

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  const lines = Array.from({ length: LINES }, (_, index): PostedLine | string => {
    const line = index + 1;
    if (line === GROUP.marker) return '::group::Deploy';
    if (line === GROUP.end) return '::endgroup::';
    return line === GROUP.error ? { message: 'rollout failed', level: 'error' } : `text of line ${line}`;
  });
  await postLines(server.url, 'deploy', lines);
  await finishRun(server.url, 'deploy', { exit_code: 0 });
});

test.afterAll(async () => {
  await server.close();
});

function header(log: LogPage, title: string | RegExp): Locator {
  return log.list.getByRole('button', { name: title });
}

async function chooseView(log: LogPage, item: string): Promise<void> {
  await log.page.getByRole('button', { name: 'View', exact: true }).click();
  await log.page.getByRole('menuitem', { name: item }).click();
  await log.page.keyboard.press('Escape');
  await expect(log.page.getByRole('menu')).toHaveCount(0);
}

test('a link into the middle of a group shows its lines and, above them, its header with exact counts', async ({
  page,
}) => {
  const log = new LogPage(page);
  let answer = () => {};
  const isAsked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/groups\?at=\d+$/, async (route) => {
    await isAsked;
    await route.continue();
  });
  await log.open(server.url, 'deploy', '#L10000');
  const top = async () => (await log.row(10_000).boundingBox())?.y;
  await expect(log.row(10_000)).toBeInViewport();
  await expect(log.row(10_000).locator('.log-guides')).toHaveCount(0);
  const before = await top();
  answer();
  await expect(log.row(10_000).locator('.log-guides')).toHaveCount(1);
  expect(await top()).toBe(before);
  await expect(log.row(10_000)).toHaveAttribute('data-selected', '');

  await chooseView(log, 'Collapse all groups');
  const deploy = header(log, /^Deploy/);
  await expect(deploy).toBeInViewport();
  await expect(deploy).toHaveAttribute('aria-expanded', 'false');
  await expect(deploy).toHaveText(COUNTS);
  await expect(log.list).not.toContainText('≥');
  await expect(log.row(10_000)).toHaveCount(0);
  await chooseView(log, 'Expand all groups');
  await expect(deploy).toHaveAttribute('aria-expanded', 'true');
});

test('a group with an error far below is open where it begins, and above its end', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, 'deploy', '#L1');
  const deploy = header(log, /^Deploy/);
  await expect(deploy).toHaveText(COUNTS);
  await expect(deploy).toHaveAttribute('aria-expanded', 'true');
  await expect(log.row(3)).toBeInViewport();
  await expect(log.list).not.toContainText('≥');

  await page.evaluate(() => {
    location.hash = '#L29001';
  });
  await expect(log.row(29_001)).toBeInViewport();
  await expect(log.row(28_990).locator('.log-guides')).toHaveCount(1);
  await expect(log.row(29_001).locator('.log-guides')).toHaveCount(0);
});

test('the newest lines of a group that is written have its header, which counts on', async ({ page }) => {
  const log = new LogPage(page);
  const id = 'deploying';
  await createRun(server.url, id);
  const text = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);
  await postLines(server.url, id, ['--- Deploy', ...text(6000)]);
  const answered = page.waitForResponse((response) => /\/groups\?at=\d+$/.test(response.url()));
  await log.open(server.url, id);
  await answered;
  await postLines(server.url, id, [...text(5), 'last of them']);
  await expect(log.rowsWith('last of them')).toBeInViewport();
  await chooseView(log, 'Collapse all groups');
  await expect(header(log, /^Deploy/)).toHaveText(/6,006 lines.*running/);
  await postLines(server.url, id, ['one more', '--- Report', 'reported']);
  await expect(header(log, /^Deploy/)).toHaveText(/6,007 lines/);
  await expect(log.list).not.toContainText('≥');
});

test('a group that fails and ends while its reader is at its beginning opens, with exact counts', async ({ page }) => {
  const log = new LogPage(page);
  const id = 'failing';
  await createRun(server.url, id);
  const text = Array.from({ length: 6000 }, (_, index) => `text ${index}`);
  await postLines(server.url, id, ['--- Deploy', ...text]);
  await log.open(server.url, id, '#L1');
  const deploy = header(log, /^Deploy/);
  await expect(deploy).toHaveText(/≥\s*6,000 lines/);
  await expect(deploy).toHaveAttribute('aria-expanded', 'false');
  await postLines(server.url, id, [{ message: 'rollout failed', level: 'error' }, '--- Report', 'reported']);
  await finishRun(server.url, id, { exit_code: 1 });
  await expect(deploy).toHaveText(/1 error6,001 lines/, { timeout: 15_000 });
  await expect(deploy).toHaveAttribute('aria-expanded', 'true');
  await expect(log.list).not.toContainText('≥');
});
