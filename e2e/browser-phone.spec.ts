import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { FAILED_RUN, FIRST_ERROR, makeDeployRuns } from './deploy-runs';
import { drawFinger, pointIn } from './fingers';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** A run's page on a phone, by fingers alone. */

test.use({ viewport: { width: 375, height: 700 }, hasTouch: true, isMobile: true });

const RUN = 'phone';
const LINES = 2001;
/** Of no spaces, at which a browser would not break it by itself. */
const UNBROKEN = 1500;

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  await createRun(server.url, RUN);
  const lines = Array.from({ length: LINES - 1 }, (_, index) => ({
    message: index + 2 === UNBROKEN ? 'x'.repeat(900) : `line ${index + 2}`,
    level: index % 100 ? 'info' : 'warn',
  }));
  await postLines(server.url, RUN, lines);
  await finishRun(server.url, RUN, { exit_code: 0 });
});

test.afterAll(async () => {
  await server.close();
});

/** Draws a finger over the log; negative is up, which shows lines further down. */
async function swipe(page: Page, log: LogPage, pixels: number): Promise<void> {
  const { x, y } = await pointIn(log.list, 0.5, 0.5);
  await drawFinger(page, { x, y: y - pixels / 2 }, { x, y: y + pixels / 2 });
}

test('a finger scrolls; downwards the toolbar gives its room to the lines, upwards it is back', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '#L1000');
  await expect(log.row(1000)).toBeInViewport();
  const toolbar = page.locator('.viewer-toolbar');
  const [before, height] = [await log.firstInSight(), (await log.list.boundingBox())?.height ?? 0];
  await expect(toolbar).toBeVisible();
  await swipe(page, log, -300);
  await expect(toolbar).toBeHidden();
  await expect.poll(() => log.firstInSight()).toBeGreaterThan(before + 5);
  expect((await log.list.boundingBox())?.height).toBeGreaterThan(height);
  const lower = await log.firstInSight();
  await swipe(page, log, 300);
  await expect(toolbar).toBeVisible();
  await expect.poll(() => log.firstInSight()).toBeLessThan(lower);
});

test('a finger leaves the end of a run that goes on, and a tap on the bar goes back', async ({ page }) => {
  const id = 'phone-following';
  await createRun(server.url, id);
  await postLines(
    server.url,
    id,
    Array.from({ length: 300 }, (_, index) => `line ${index + 2}`),
  );
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.row(301)).toBeInViewport();
  await swipe(page, log, 300);
  await expect(log.state).toHaveText(/Paused/);
  await postLines(server.url, id, ['newer 1', 'newer 2', 'newer 3']);
  await page.getByRole('button', { name: '3 new lines – jump to newest' }).tap();
  await expect(log.row(304)).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
});

test('a failed run opens with its error in sight, below its header', async ({ page }) => {
  await makeDeployRuns(server.url);
  const log = new LogPage(page);
  await log.open(server.url, FAILED_RUN);
  await expect(page.getByRole('region', { name: 'First error line' })).toBeInViewport();
  await expect(log.row(FIRST_ERROR)).toBeInViewport();
});

test('lines wrap at any character, and times stand above them', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, `#L${UNBROKEN}`);
  const row = log.row(UNBROKEN);
  await expect(row).toBeInViewport();
  expect(await log.list.evaluate((list) => list.scrollWidth - list.clientWidth)).toBe(0);
  const message = async () => (await row.locator('.log-message').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const beside = await message();
  // 900 characters in a column of about 40.
  expect(beside.height).toBeGreaterThan(15 * 20);

  await page.getByRole('button', { name: 'View' }).tap();
  await page.getByRole('menuitemradio', { name: 'UTC' }).tap();
  const time = row.locator('.log-time');
  await expect(time).toBeVisible();
  const above = await message();
  const box = await time.boundingBox();
  expect(above.y).toBeGreaterThanOrEqual((box?.y ?? 0) + (box?.height ?? 0) - 1);
  expect(above.width).toBeGreaterThan(beside.width);
  expect(await log.list.evaluate((list) => list.scrollWidth - list.clientWidth)).toBe(0);
});

test('levels and their counts fit, filter by a tap, and a tap on a number marks its line', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  for (const name of ['error 0', 'warn 20', 'info 1.98K', 'debug 0'])
    await expect(page.getByRole('button', { name })).toBeInViewport({ ratio: 1 });
  await page.getByRole('button', { name: 'warn 20' }).tap();
  await expect(log.list.locator('[data-line]')).toHaveCount(20);
  await page.getByRole('button', { name: 'warn 20' }).tap();
  await expect(log.row(LINES)).toBeInViewport();
  await log
    .row(LINES - 1)
    .locator('.log-number')
    .tap();
  await expect(page).toHaveURL(new RegExp(`#L${LINES - 1}$`));
  await expect(log.row(LINES - 1)).toHaveAttribute('data-selected', '');
});
