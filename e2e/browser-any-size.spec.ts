import { expect } from '@playwright/test';
import { test } from './browser-test';
import { passFrames } from './interactive';
import { LogPage } from './log-page';
import { finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** A run of more lines than the server looks through for one page, and, at 20 px each, higher than Chromium lets an element be. */

const RUN = 'very-long-run';
const LINES = 2_000_000;
const LINES_PER_POST = 50_000;
const NEEDLE = 12;
/** A page holds the rows in sight and some around them, whatever the run's size. */
const ROWS_MAX = 400;

let server: StratalServer;

test.beforeAll(async () => {
  test.setTimeout(240_000);
  server = await StratalServer.start();
  for (let first = 1; first <= LINES; first += LINES_PER_POST) {
    const lines = Array.from({ length: LINES_PER_POST }, (_, index) =>
      first + index === NEEDLE ? 'the needle' : `line ${first + index}`,
    );
    await postLines(server.url, RUN, lines);
  }
  await finishRun(server.url, RUN, { exit_code: 0 });
});

test.afterAll(async () => {
  await server.close();
});

test('a text filter finds a line that is further back than one page of the server looks', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?q=needle');
  await expect(log.row(NEEDLE)).toBeInViewport();
  await expect(log.list).toContainText('Nothing older matches');
  await expect(log.list.locator('[data-line]')).toHaveCount(1);
});

test('a search shown alone finds it too, and its neighbours', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?find=needle&only=true&context=2');
  await expect(log.list.locator('[data-line] .log-number')).toHaveText(['10', '11', '12', '13', '14']);
  await expect(log.findStatus).toHaveAttribute('data-find-count', '1');
});

test('any line is a jump away, with few rows in the page', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  for (const line of [1, 345_678, 1_999_999, 2, LINES]) {
    await log.list.focus();
    await page.keyboard.press(':');
    await page.getByLabel('Line or time').fill(String(line));
    await page.keyboard.press('Enter');
    await expect(log.row(line)).toBeInViewport();
    expect(await log.list.locator('[data-line]').count()).toBeLessThan(ROWS_MAX);
  }
});

test('a drag of the scroll bar shows lines on its way, also where they come slower than it moves', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  const bar = page.getByRole('scrollbar', { name: 'Whole run' });
  const box = await bar.boundingBox();
  if (!box) throw new Error('the scroll bar is not shown');
  const x = box.x + box.width / 2;
  // Each page of lines waits for further moves of the pointer, so that none comes before the next is asked for.
  let moves = 0;
  let waiting: Array<{ from: number; go: () => void }> = [];
  await page.route(/\/logs\/job-runs\/[^/]+\?/, async (route) => {
    await new Promise<void>((go) => waiting.push({ from: moves, go }));
    await route.continue().catch(() => {}); // The page may have given it up.
  });
  const move = async (y: number) => {
    await page.mouse.move(x, y);
    await passFrames(page, 1);
    moves += 1;
    for (const { from, go } of waiting) if (moves - from >= 4) go();
    waiting = waiting.filter(({ from }) => moves - from < 4);
  };
  const shown = async () => Number(await log.list.locator('[data-line]').first().getAttribute('data-line'));

  await page.mouse.move(x, box.y + box.height - 10);
  await page.mouse.down();
  const seen = new Set<number>();
  for (let step = 0; step < 400 && seen.size < 3; step++) {
    await move(box.y + box.height * (0.9 - step * 0.002));
    seen.add(await shown());
  }
  expect(seen.size, 'places shown while the pointer moved').toBeGreaterThanOrEqual(3);
  await page.unroute(/\/logs\/job-runs\/[^/]+\?/);
  for (const { go } of waiting) go();
  await page.mouse.move(x, box.y + box.height / 2);
  await page.mouse.up();
  await expect.poll(async () => Math.abs((await shown()) - LINES / 2)).toBeLessThan(LINES / 20);
});
