import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** The keys of a run's page that move through its lines and change how they are shown, without a mouse. */

const RUN = 'keys-2';
const LINES = 4001;
const WARNINGS = [200, 900, 3500];

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  for (const id of ['keys-1', RUN, 'keys-3']) {
    await createRun(server.url, id, { job_name: 'keys' });
    // Line 1 is the server's.
    const lines = Array.from({ length: id === RUN ? LINES - 1 : 10 }, (_, index) => ({
      message: `line ${index + 2}`,
      level: WARNINGS.includes(index + 2) ? 'warn' : 'info',
    }));
    await postLines(server.url, id, lines);
    await finishRun(server.url, id, { exit_code: 0 });
  }
});

test.afterAll(async () => {
  await server.close();
});

async function open(page: Page, address = ''): Promise<LogPage> {
  const log = new LogPage(page);
  await log.open(server.url, RUN, address);
  return log;
}

test('g and Home go to the first line, Shift+G and End to the newest', async ({ page }) => {
  const log = await open(page);
  for (const [first, last] of [
    ['g', 'Shift+G'],
    ['Home', 'End'],
  ] as const) {
    await log.list.focus();
    await page.keyboard.press(first);
    await expect(log.row(1)).toBeInViewport();
    await expect(log.row(LINES)).not.toBeInViewport();
    await page.keyboard.press(last);
    await expect(log.row(LINES)).toBeInViewport();
  }
});

test('with the focus nowhere Home, End and Ctrl+G are the log’s, and in another place that one’s', async ({ page }) => {
  const log = await open(page);
  await expect(page.locator('body')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(log.row(1)).toBeInViewport();
  await page.keyboard.press('End');
  await expect(log.row(LINES)).toBeInViewport();
  await page.keyboard.press('Control+g');
  await page.getByLabel('Line or time').fill('2000');
  await page.keyboard.press('Enter');
  await expect(log.row(2000)).toBeInViewport();
  await page.getByRole('button', { name: 'Download' }).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+g');
  await expect(page.getByLabel('Line or time')).toHaveCount(0);
  await expect(log.row(2000)).toBeInViewport();
});

test('x goes to the next warning of the run, Shift+X back, and says where there is none', async ({ page }) => {
  const log = await open(page, '#L100');
  await expect(log.row(100)).toBeInViewport();
  for (const [key, line] of [
    ['x', 200],
    ['x', 900],
    ['x', 3500],
    ['Shift+X', 900],
    ['Shift+X', 200],
  ] as const) {
    await page.keyboard.press(key);
    await expect(log.row(line)).toBeInViewport();
    await expect(log.row(line)).toHaveAttribute('data-hit', '');
  }
  await page.keyboard.press('Shift+X');
  await expect(page.getByText('No earlier warning')).toBeVisible();
});

test('j and k go from line to line and mark it; the address names it', async ({ page }) => {
  const log = await open(page, '#L1000');
  await expect(log.row(1000)).toBeInViewport();
  for (const [key, line] of [
    ['j', 1001],
    ['j', 1002],
    ['k', 1001],
    ['k', 1000],
    ['k', 999],
  ] as const) {
    await page.keyboard.press(key);
    await expect(log.row(line)).toHaveAttribute('data-selected', '');
    await expect(log.row(line)).toBeInViewport();
    await expect(page).toHaveURL(new RegExp(`#L${line}$`));
  }
  await expect(log.list.locator('[data-selected]')).toHaveCount(1);
});

test('Shift+J and Shift+K select a line more or less, and some lines can be jumped to', async ({ page }) => {
  const log = await open(page, '#L1000');
  await expect(log.row(1000)).toBeInViewport();
  for (const [key, hash] of [
    ['Shift+J', 'L1000-L1001'],
    ['Shift+J', 'L1000-L1002'],
    ['Shift+K', 'L1000-L1001'],
    ['Shift+K', 'L1000'],
    ['Shift+K', 'L1000'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`#${hash}$`));
  }
  await page.keyboard.press(':');
  await page.keyboard.type('2010-2012');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#L2010-L2012$/);
  await expect(log.row(2010)).toBeInViewport();
  await expect(log.list.locator('[data-selected]')).toHaveCount(3);
});

test('w wraps lines or not, t changes the column of times, and both stay chosen', async ({ page }) => {
  const log = await open(page);
  await expect(log.list).toHaveAttribute('data-wrap', 'on');
  await page.keyboard.press('w');
  await expect(log.list).toHaveAttribute('data-wrap', 'off');

  const time = log.row(LINES).locator('.log-time');
  const seen: string[] = [];
  for (let press = 0; press < 5; press++) {
    seen.push((await time.count()) === 0 ? 'none' : ((await time.textContent()) ?? ''));
    await page.keyboard.press('t');
  }
  // None, local, UTC, since start, since the line before: the zone of this browser may be UTC.
  expect(new Set(seen).size).toBeGreaterThanOrEqual(4);
  expect(seen).toContain('none');
  expect((await time.count()) === 0 ? 'none' : await time.textContent()).toBe(seen[0]);

  await page.keyboard.press('t');
  await page.reload();
  await expect(log.list).toHaveAttribute('data-wrap', 'off');
  await expect.poll(async () => ((await time.count()) === 0 ? 'none' : time.textContent())).toBe(seen[1]);
});

test('] and [ go to the job’s next and previous run', async ({ page }) => {
  const log = await open(page);
  for (const [key, id] of [
    [']', 'keys-3'],
    ['[', RUN],
    ['[', 'keys-1'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`/job-runs/${id}$`));
    await expect(log.list).toHaveAttribute('aria-label', `Lines of run ${id}`);
    await expect(log.state).toHaveText(/Ended/);
  }
});

test('keys are text where text is typed', async ({ page }) => {
  const log = await open(page);
  await log.filterText.fill('');
  await log.filterText.press('g');
  await log.filterText.press('x');
  await log.filterText.press('w');
  await expect(log.filterText).toHaveValue('gxw');
  await expect(log.list).toHaveAttribute('data-wrap', 'on');
});
