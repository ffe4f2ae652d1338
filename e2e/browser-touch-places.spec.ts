import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { drawFinger, pointIn } from './fingers';
import { passFrames } from './interactive';
import { LogPage } from './log-page';
import { finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Going to places of a run by a finger: the scroll bar over all of it, and its lines over time. */

test.use({ viewport: { width: 375, height: 700 }, hasTouch: true, isMobile: true, timezoneId: 'UTC' });

const RUN = 'touched';
const LINES = 20_000;
const START = Date.UTC(2026, 0, 31, 10);

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  const lines = Array.from({ length: LINES }, (_, index) => ({
    message: `line ${index + 1}`,
    timestamp: new Date(START + index * 1000).toISOString(),
  }));
  await postLines(server.url, RUN, lines);
  await finishRun(server.url, RUN, { exit_code: 0 });
});

test.afterAll(async () => {
  await server.close();
});

async function open(page: Page): Promise<LogPage> {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await expect(log.row(LINES)).toBeInViewport();
  return log;
}

/** The reader is within a twentieth of the run around this part of it. */
async function expectNear(log: LogPage, part: number): Promise<void> {
  await expect.poll(async () => Math.abs((await log.firstInSight()) - LINES * part)).toBeLessThan(LINES / 20);
}

test('the scroll bar is drawn by a finger to the middle of the run, and to its ends', async ({ page }) => {
  const log = await open(page);
  const bar = page.getByRole('scrollbar', { name: 'Whole run' });
  const at = (down: number) => pointIn(bar, 0.5, down);
  await drawFinger(page, await at(0.99), await at(0.5));
  await expectNear(log, 0.5);
  await expect(log.state).toHaveText(/Ended/);
  await expect(page.locator('.log-thumb-label')).toHaveCount(0);

  await drawFinger(page, await at(0.5), await at(0.001));
  await expect(log.row(1)).toBeInViewport();
  await drawFinger(page, await at(0.01), await at(0.999));
  await expect(log.row(LINES)).toBeInViewport();
  // The page itself has not moved below the finger.
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
});

test('while the scroll bar is drawn it says at which line', async ({ page }) => {
  await open(page);
  const session = await page.context().newCDPSession(page);
  const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', down?: number) => {
    const touchPoints =
      down === undefined ? [] : [await pointIn(page.getByRole('scrollbar', { name: 'Whole run' }), 0.5, down)];
    await session.send('Input.dispatchTouchEvent', { type, touchPoints });
  };
  await touch('touchStart', 0.99);
  await touch('touchMove', 0.5);
  await expect(page.locator('.log-thumb-label')).toHaveText(/^(9|10|11),\d\d\d$/);
  await touch('touchEnd');
  await expect(page.locator('.log-thumb-label')).toHaveCount(0);
});

test('a tap on the lines over time jumps there', async ({ page }) => {
  const log = await open(page);
  const plot = page.getByRole('slider', { name: /^Lines over time/ });
  await expect(plot).toHaveAccessibleName(/20,000 lines/);
  const box = await plot.boundingBox();
  await plot.tap({ position: { x: (box?.width ?? 0) / 4, y: 8 } });
  await expectNear(log, 0.25);
  await expect(page).not.toHaveURL(/from=/);
});

test('a finger drawn over the lines over time selects a range, which a tap takes away', async ({ page }) => {
  const log = await open(page);
  const plot = page.getByRole('slider', { name: /^Lines over time/ });
  await expect(plot).toHaveAccessibleName(/20,000 lines/);
  await drawFinger(page, await pointIn(plot, 0.25, 0.5), await pointIn(plot, 0.5, 0.5));
  await expect(page).toHaveURL(/from=2026-01-31T11:2\d:\d\d\.\d+Z&to=2026-01-31T12:4\d:\d\d\.\d+Z/);
  await expect(log.list.locator('.log-head')).toContainText('Older matches');
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.list.locator('.log-head')).toContainText('Nothing older matches');
  expect(Math.abs((await log.firstInSight()) - LINES / 4)).toBeLessThan(LINES / 50);
  await page.getByRole('button', { name: 'Clear the time range' }).tap();
  await expect(page).not.toHaveURL(/from=/);
});

test('a finger drawn up or down over the lines over time leaves them as they are', async ({ page }) => {
  const log = await open(page);
  const plot = page.getByRole('slider', { name: /^Lines over time/ });
  await expect(plot).toHaveAccessibleName(/20,000 lines/);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const from = await pointIn(plot, 0.25, 0.5);
  await drawFinger(page, from, { x: from.x, y: from.y + 200 });
  await expect(page.locator('.volume-tip')).toHaveCount(0);
  // A jump would ask the server within the next frames.
  await passFrames(page, 10);
  expect(asked.filter((url) => /[?&](at|from)=/.test(url))).toEqual([]);
  await expect(page).not.toHaveURL(/from=/);
  await expect(log.row(LINES)).toBeInViewport();
});
