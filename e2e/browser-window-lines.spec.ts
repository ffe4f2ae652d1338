import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { EmbeddingPage } from './embedding-page';
import { passFrames } from './interactive';
import { LogPage } from './log-page';
import { finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** How much of a run a viewer holds, where the page says so with `windowLines`. */

const RUN = 'window-lines';
const LINES = 3000;
const ROW_PX = 20;
/** Rows that one turn of the wheel passes. */
const WHEEL_ROWS = 40;

let embedding: EmbeddingPage;
let server: StratalServer;

test.beforeAll(async () => {
  embedding = await EmbeddingPage.start();
  server = await StratalServer.start({ env: { STRATAL_ALLOWED_ORIGINS: embedding.origin } });
  await postLines(
    server.url,
    RUN,
    Array.from({ length: LINES }, (_, index) => `line ${index + 1}`),
  );
  await finishRun(server.url, RUN, { exit_code: 0 });
});

test.afterAll(async () => {
  embedding.close();
  await server.close();
});

async function open(page: Page, properties: Record<string, string> = {}): Promise<LogPage> {
  await embedding.open(page, server.url, RUN, properties);
  const log = new LogPage(page);
  await expect(log.row(LINES)).toBeInViewport();
  return log;
}

/** Lines that are held, of which each has a row of the same height. */
async function heldLines(log: LogPage): Promise<number> {
  return log.list.locator('.log-canvas').evaluate((canvas, px) => Math.round(canvas.clientHeight / px), ROW_PX);
}

/** Lines that were held at most since this was called. */
async function watchHeld(log: LogPage): Promise<() => Promise<number>> {
  const canvas = await log.list.locator('.log-canvas').elementHandle();
  if (!canvas) throw new Error('the list is not there');
  const most = await canvas.evaluateHandle((element) => {
    const seen = { px: 0 };
    new ResizeObserver(() => {
      seen.px = Math.max(seen.px, element.clientHeight);
    }).observe(element);
    return seen;
  });
  return async () => Math.round((await most.evaluate((seen) => seen.px)) / ROW_PX);
}

/** Reads up to the first line by the wheel: a page that comes in never takes the place of what is in sight. */
async function climb(log: LogPage): Promise<void> {
  for (let seen = await log.firstInSight(); seen > 1; ) {
    await log.wheel(-WHEEL_ROWS * ROW_PX);
    await passFrames(log.page, 2);
    const now = await log.firstInSight();
    expect(now, `up from ${seen}`).toBeGreaterThanOrEqual(seen - WHEEL_ROWS - 1);
    expect(now, `up from ${seen}`).toBeLessThanOrEqual(seen);
    seen = now;
  }
}

test('without it a thousand lines are at hand, and three thousand while the run is read', async ({ page }) => {
  const log = await open(page);
  expect(await heldLines(log)).toBe(1000);
  const most = await watchHeld(log);
  expect(await log.readAll(LINES)).toHaveLength(LINES);
  expect(await most()).toBeGreaterThan(2000);
  expect(await most()).toBeLessThanOrEqual(3000);
});

for (const [asked, counted] of [
  ['450', 450],
  // A high window shows more than fewer would be.
  ['10', 400],
] as const) {
  test(`windowLines=${asked}: ${3 * counted} lines are held, wherever the reader is, and every line is reached`, async ({
    page,
  }) => {
    const log = await open(page, { windowLines: asked });
    const most = await watchHeld(log);
    await climb(log);
    expect(await log.readAll(LINES)).toHaveLength(LINES);
    expect(await most()).toBeGreaterThan(counted);
    expect(await most()).toBeLessThanOrEqual(3 * counted);
  });
}

test('a page of matches takes none of those in sight either', async ({ page }) => {
  const log = await open(page, { windowLines: '10' });
  await log.filterText.fill('line');
  await expect(log.list.locator('.log-head')).toContainText('Older matches');
  await climb(log);
});
