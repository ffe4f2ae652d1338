import { expect, test } from '@playwright/test';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { FirefoxPage, firefoxAbsence } from './firefox-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** A run of any size in Firefox, at 20 px a line higher than it lets an element be, which is another height than Chromium's. */

test.skip(firefoxAbsence !== undefined, firefoxAbsence);

const RUN = 'large-run';
const LINES = 1_000_000;
const LINES_PER_POST = 50_000;
/** A page holds the rows in sight and some around them, whatever the run's size. */
const ROWS_MAX = 400;

let server: StratalServer;
let log: FirefoxPage;

test.beforeAll(async () => {
  // Two programs start, and the run is filled.
  test.setTimeout(240_000);
  server = await StratalServer.start();
  for (let first = 1; first <= LINES; first += LINES_PER_POST) {
    const lines = Array.from({ length: LINES_PER_POST }, (_, index) => `line ${first + index}`);
    await postLines(server.url, RUN, lines);
  }
  await finishRun(server.url, RUN, { exit_code: 0 });
  log = await FirefoxPage.start();
});

test.afterAll(async () => {
  await log?.close();
  await server?.close();
});

test.beforeEach(() => {
  log.faults.length = 0;
});

test.afterEach(() => {
  expect(log.faults).toEqual([]);
});

test('Firefox: a run opens at its last line, with few rows in the page', async () => {
  await log.open(server.url, RUN);
  await log.waitForLine(LINES);
  const rows = await log.rows();
  expect(rows.at(-1)).toMatchObject({ number: LINES, text: `line ${LINES}` });
  expect(rows.length).toBeLessThan(ROWS_MAX);
});

test('Firefox: Home reaches the first line and End the last', async () => {
  await log.open(server.url, RUN);
  await log.waitForLine(LINES);
  await log.press('Home');
  await log.waitForLine(1);
  expect((await log.rows())[0]).toMatchObject({ number: 1, text: 'line 1' });
  await log.press('End');
  await log.waitForLine(LINES);
});

test('Firefox: a link shows its line wherever it is and marks it', async () => {
  await log.open(server.url, RUN, '#L123456');
  await log.waitForLine(123_456);
  expect(await log.markedTexts()).toEqual(['line 123456']);
  await log.setHash('#L7-L8');
  await log.waitForLine(7);
  expect(await log.markedTexts()).toEqual(['line 7', 'line 8']);
  await log.setHash('#L999999');
  await log.waitForLine(999_999);
  expect(await log.markedTexts()).toEqual(['line 999999']);
});

test('Firefox: turning the wheel reads on line by line', async () => {
  await log.open(server.url, RUN, '#L100000');
  await log.waitForLine(100_000);
  const before = await log.rows();
  for (let turn = 0; turn < 10; turn++) await log.wheel(400);
  // 20 px a line.
  await log.waitForLine(100_200);
  const numbers = (await log.rows()).map((row) => row.number);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  expect(numbers[0]).toBeGreaterThan(before[0]?.number ?? 0);
  await log.wheel(-4000);
  await log.waitForLine(100_000);
});

test('Firefox: the scroll bar is dragged over the whole run, and its ends are the run’s', async () => {
  await log.open(server.url, RUN);
  await log.waitForLine(LINES);
  await log.dragScrollbar({ from: 0.99, to: 0.5 });
  await log.waitFor('[role="scrollbar"][aria-valuenow^="4"], [role="scrollbar"][aria-valuenow^="5"]');
  const middle = (await log.rows())[0]?.number ?? 0;
  expect(Math.abs(middle - LINES / 2)).toBeLessThan(LINES / 20);
  await log.dragScrollbar({ from: 0.5, to: 0 });
  await log.waitForLine(1);
  await log.dragScrollbar({ from: 0.01, to: 1 });
  await log.waitForLine(LINES);
});

test('Firefox: a line number typed is jumped to, and a search finds what is not loaded', async () => {
  await log.open(server.url, RUN);
  await log.waitForLine(LINES);
  await log.press(':');
  await log.waitFor('[aria-label="Line or time"]');
  await log.type('54321');
  await log.enter();
  await log.waitForLine(54_321);
  await log.press('/');
  await log.waitFor('[aria-label="Search lines"]');
  await log.type('line 777');
  await log.waitFor('[data-find-state="done"]');
  // 777, 7770 to 7779, 77700 to 77799, 777000 to 777999, 177, … are not meant: the text stands after the space.
  await log.waitFor('[data-find-count="1111"]');
  await log.enter();
  await log.waitForLine(77_700);
});

test('Firefox: a time typed is jumped to', async () => {
  const service = new LogStreamingService(server.url);
  const [line] = (await service.fetchHistory(RUN, { offset: 399_999, limit: 1 })).logs;
  if (!line) throw new Error('the run is not filled');
  const [first] = (await service.fetchHistory(RUN, { at: line.timestamp, limit: 1 })).logs;
  if (!first) throw new Error('no line has the time of one');
  await log.open(server.url, RUN);
  await log.waitForLine(LINES);
  await log.press(':');
  await log.waitFor('[aria-label="Line or time"]');
  await log.type(line.timestamp);
  await log.enter();
  await log.waitForLine(first.id);
});

test('Firefox: among wrapped lines the place stays while lines come, pages load and the window changes', async () => {
  const id = 'wrapped-run';
  await createRun(server.url, id);
  const lines = Array.from({ length: 3000 }, (_, index) => `line ${index + 2} ${'wrapped '.repeat(index % 60)}`);
  await postLines(server.url, id, lines);
  await log.open(server.url, id, '#L1500');
  await log.waitForLine(1500);
  await expect.poll(async () => Math.abs((await log.topOf(1500)) - 250)).toBeLessThan(150);
  const place = await log.topOf(1500);
  await postLines(server.url, id, ['newer 1', 'newer 2']);
  await expect.poll(() => log.textOf('.log-jump-bar')).toContain('2 new lines');
  expect(Math.abs((await log.topOf(1500)) - place)).toBeLessThan(1);

  // Other widths wrap all lines anew; the reader stays at the same ones, and is back where they were.
  const first = await log.firstInSight();
  await log.setWidth(600);
  await expect.poll(() => log.listWidth()).toBeLessThan(600);
  await expect.poll(() => log.firstInSight()).toBe(first);
  await log.setWidth(1280);
  await expect.poll(async () => Math.abs((await log.topOf(1500)) - place)).toBeLessThan(2);

  // Older pages come while the reader goes up: no line is left out, none comes twice.
  for (let turn = 0; turn < 12; turn++) await log.wheel(-1500);
  await expect.poll(async () => (await log.rows())[0]?.number ?? 0).toBeLessThan(1300);
  const numbers = (await log.rows()).map((row) => row.number);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
});

test('Firefox: a list that follows shows each line as it comes, and stays where the reader goes', async () => {
  const id = 'followed-run';
  await createRun(server.url, id);
  await postLines(
    server.url,
    id,
    Array.from({ length: 500 }, (_, index) => `line ${index + 2}`),
  );
  await log.open(server.url, id);
  await log.waitForLine(501);
  await postLines(server.url, id, ['one more']);
  await log.waitForLine(502);
  await log.wheel(-2000);
  await expect.poll(() => log.textOf('[data-stream-state]')).toContain('Paused');
  // Rows out of sight come and go as the page around the log takes its final size; the reader's place is the first in sight.
  const { line: first, top: place } = await log.placeAtRest();
  await postLines(server.url, id, ['another']);
  await expect.poll(() => log.textOf('.log-jump-bar')).toContain('1 new line');
  expect(await log.firstInSight()).toBe(first);
  expect(Math.abs((await log.topOf(first)) - place)).toBeLessThan(1);
  await log.press('End');
  await log.waitForLine(503);
});
