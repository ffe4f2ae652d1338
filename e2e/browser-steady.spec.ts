import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { passFrames } from './interactive';
import { LogPage } from './log-page';
import { createRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Among wrapped lines of many heights the reader's place stays, whatever happens around it. */

const HEIGHT = 720;
const WRAPPED = Array.from({ length: 3000 }, (_, index) => `line ${index + 2} ${'wrapped '.repeat(index % 60)}`);

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

/** Pixels from the top of the log to a line; NaN where its row is not in the page. */
async function topOf(log: LogPage, line: number): Promise<number> {
  return log.list.evaluate((list, id) => {
    const row = list.querySelector(`[data-line="${id}"]`);
    return row ? row.getBoundingClientRect().top - list.getBoundingClientRect().top : Number.NaN;
  }, line);
}

/** Longer than an answer of the server takes to be in the page. */
const SLOW_FRAME_MS = 700;

test('lines that arrive and other widths of the window keep the reader’s place', async ({ page }) => {
  const id = 'steady-place';
  await createRun(server.url, id);
  await postLines(server.url, id, WRAPPED);
  const log = new LogPage(page);
  await log.open(server.url, id, '#L1500');
  await expect(log.row(1500)).toBeInViewport();
  const place = await topOf(log, 1500);
  await postLines(server.url, id, ['newer 1', 'newer 2']);
  await expect(page.locator('.log-jump-bar')).toContainText('2 new lines');
  expect(Math.abs((await topOf(log, 1500)) - place)).toBeLessThan(1);

  const first = await log.firstInSight();
  expect(first).toBeGreaterThan(1400);
  for (const width of [600, 900, 480]) {
    await page.setViewportSize({ width, height: HEIGHT });
    await expect.poll(() => log.list.evaluate((list) => list.clientWidth)).toBeLessThan(width);
    await expect.poll(() => log.firstInSight()).toBe(first);
    // And stays there while rows are measured anew.
    for (let frame = 0; frame < 10; frame++) {
      await passFrames(page, 1);
      expect(await log.firstInSight()).toBe(first);
    }
  }
  await page.setViewportSize({ width: 1280, height: HEIGHT });
  await expect.poll(async () => Math.abs((await topOf(log, 1500)) - place)).toBeLessThan(2);

  // A lower window shows fewer lines, from the same one on.
  await page.setViewportSize({ width: 1280, height: 400 });
  await expect.poll(() => log.firstInSight()).toBe(first);
});

/** Opens a run of wrapped lines and goes up to the oldest one that is held; older ones are asked for, and wait for `open`. */
async function openAtOldest(
  page: Page,
  id: string,
): Promise<{ log: LogPage; oldest: () => Promise<number>; url: string; open: () => void }> {
  await createRun(server.url, id);
  await postLines(server.url, id, WRAPPED);
  let open = () => {};
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.row(3001)).toBeInViewport();
  await page.route(/\/api\/v1\/logs\/job-runs\/[^/]+\?/, async (route) => {
    await isOpen;
    await route.continue();
  });
  const asked = page.waitForRequest(/\/api\/v1\/logs\/job-runs\/[^/]+\?/);
  const oldest = async () => Number(await log.list.locator('[data-line]').first().getAttribute('data-line'));
  // Up to the oldest line that is held: more are asked for, and wait.
  for (let before = 0; before !== (await oldest()); ) {
    before = await oldest();
    await log.wheel(-3000);
    await passFrames(page, 2);
  }
  return { log, oldest, url: (await asked).url(), open };
}

test('older lines come in above those in sight without moving them', async ({ page }) => {
  const { log, oldest, url, open } = await openAtOldest(page, 'steady-older');
  const first = await log.firstInSight();
  const place = await topOf(log, first);
  const answered = page.waitForResponse(url);
  open();
  await answered;
  await expect.poll(oldest).toBeLessThan(first);
  // From the first frame with the older lines on, and when each of them has been measured.
  for (let frame = 0; frame < 10; frame++) {
    await passFrames(page, 1);
    expect(Math.abs((await topOf(log, first)) - place)).toBeLessThan(1);
  }
  const numbers = await log.numbers();
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
});

test('a line that is gone to is reached where older lines come in on the way', async ({ page }) => {
  const { log, url, open } = await openAtOldest(page, 'steady-target');
  // Whoever goes somewhere looks for some frames whether it has arrived: they take long here.
  await page.evaluate((ms) => {
    window.requestAnimationFrame = (frame) => window.setTimeout(() => frame(performance.now()), ms);
  }, SLOW_FRAME_MS);
  await page.keyboard.press('j');
  await expect(page).toHaveURL(/#L\d+$/);
  const line = Number(/#L(\d+)$/.exec(page.url())?.[1]);
  const answered = page.waitForResponse(url);
  open();
  await answered;
  await passFrames(page, 6);
  await expect(log.row(line)).toBeInViewport();
  await expect(log.row(line)).toHaveAttribute('data-selected', '');
});
