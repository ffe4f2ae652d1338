import { expect, type Locator, type Page } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** When things happened, and how a reader narrows a run down: histogram, times, filters, highlights. */

const RUN = 'timed-run';
const START = Date.UTC(2026, 0, 31, 10, 0, 0);
/** One line a second, each tenth a warning, each hundredth an error. */
const LINES = 1000;
const TASKS = 'retried-run';

let server: StratalServer;

const at = (second: number, rest = '000Z') => new Date(START + second * 1000).toISOString().replace('000Z', rest);

test.use({ timezoneId: 'Asia/Kolkata' });

test.beforeAll(async () => {
  server = await StratalServer.start();
  await postTimed(
    RUN,
    Array.from({ length: LINES }, (_, second) => ({
      message: `second ${second}`,
      timestamp: at(second, second === 1 ? '000250Z' : '000Z'),
      level: second % 100 === 99 ? 'error' : second % 10 === 9 ? 'warn' : 'info',
    })),
  );
  await finishRun(server.url, RUN, { exit_code: 0 });

  await createRun(server.url, TASKS);
  for (const attempt of [1, 2]) {
    await createTask({ id: `build-${attempt}`, job_run_id: TASKS, task_name: 'build', attempt });
    await postTimed(
      TASKS,
      Array.from({ length: attempt }, (_, line) => ({
        message: `build ${attempt}.${line + 1} timeout after 20 ms`,
        task_run_id: `build-${attempt}`,
        stream: 'stderr',
      })),
    );
  }
});

test.afterAll(async () => {
  await server.close();
});

test.beforeEach(async ({ page }) => {
  // A superseded attempt's lines would be folded into one row.
  await page.addInitScript(() => localStorage.setItem('stratal:groups', 'off'));
});

async function post(path: string, type: string, body: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

function postTimed(run: string, lines: ReadonlyArray<Record<string, unknown>>): Promise<void> {
  return post(`job-runs/${run}/logs`, 'application/x-ndjson', lines.map((line) => JSON.stringify(line)).join('\n'));
}

function createTask(task: Record<string, unknown>): Promise<void> {
  return post('task-runs', 'application/json', JSON.stringify(task));
}

function histogram(page: Page): Locator {
  return page.getByRole('slider', { name: /^Lines over time/ });
}

/** A place in the histogram, 0 to 1 of its width. */
async function placeIn(plot: Locator, fraction: number): Promise<{ x: number; y: number }> {
  const box = await plot.boundingBox();
  if (!box) throw new Error('the histogram is not shown');
  return { x: box.x + box.width * fraction, y: box.y + box.height / 2 };
}

test('the histogram counts the whole run, a click jumps to its place, and the lines in sight are marked', async ({
  page,
}) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  const plot = histogram(page);
  await expect(plot).toHaveAccessibleName(
    /1,000 lines, 10 errors, 90 warnings, 2026-01-31 15:30:00 – 15:46:39 UTC\+05:30/,
  );
  await expect(log.row(LINES)).toBeInViewport();
  const mark = plot.locator('[data-view-mark]');
  const atEnd = (await mark.boundingBox())?.x ?? 0;

  const middle = await placeIn(plot, 0.5);
  await page.mouse.move(middle.x, middle.y);
  await expect(page.locator('.volume-tip')).toContainText(/2026-01-31 15:38:\d\d.* UTC\+05:30/);
  await expect(page.locator('.volume-tip')).toContainText(/info/);
  await page.mouse.click(middle.x, middle.y);
  await expect(log.row(501)).toBeInViewport();
  await expect.poll(async () => ((await mark.boundingBox())?.x ?? 0) < atEnd).toBe(true);
  await expect(page).not.toHaveURL(/from=/);
});

test('a jump to a time from which on nothing is shown says so and leaves the reader there', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?q=%22second%207%22');
  await expect(log.row(800)).toBeInViewport();
  const plot = histogram(page);
  await expect(plot).toHaveAccessibleName(/1,000 lines/);
  const { x, y } = await placeIn(plot, 0.95);
  await page.mouse.click(x, y);
  await expect(page.getByText('No line of this view is from then or later')).toBeVisible();
  await expect(log.row(800)).toBeInViewport();
});

test('a drag selects a time range, which the address keeps and a chip takes away', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  const plot = histogram(page);
  await expect(plot).toHaveAccessibleName(/1,000 lines/);
  const [from, to] = [await placeIn(plot, 0.25), await placeIn(plot, 0.26)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();

  await expect(page).toHaveURL(/from=2026-01-31T10:04:\d\d\.\d+Z&to=2026-01-31T10:04:\d\d\.\d+Z/);
  const times = log.list.locator('[data-line] .log-message');
  await expect(times.first()).toHaveText('second 250');
  const shown = await times.allTextContents();
  expect(shown.length).toBeLessThan(25);
  await page.reload();
  await expect(times).toHaveText(shown);
  await expect(plot, 'the histogram is of the whole run').toHaveAccessibleName(/1,000 lines/);
  await page
    .getByRole('list', { name: 'Set filters' })
    .getByRole('button', { name: /^Remove filter 2026-01-31/ })
    .click();
  await expect(page).not.toHaveURL(/from=/);
  await expect(log.row(LINES)).toBeInViewport();
});

test('the histogram is a slider over its bars: Enter jumps, Shift with arrows selects', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  const plot = histogram(page);
  await expect(plot).toHaveAccessibleName(/1,000 lines/);
  await plot.focus();
  await page.keyboard.press('Home');
  await expect(plot).toHaveAttribute('aria-valuenow', '0');
  await expect(plot).toHaveAttribute('aria-valuetext', /15:30:00.* – .*: 7 lines/);
  await page.keyboard.press('Enter');
  await expect(log.row(1)).toBeInViewport();

  await page.keyboard.press('ArrowRight');
  await expect(plot).toHaveAttribute('aria-valuenow', '1');
  await page.keyboard.down('Shift');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(plot).toHaveAttribute('aria-valuetext', /: 18 lines/);
  await page.keyboard.up('Shift');
  await expect(log.list.locator('[data-line]')).toHaveCount(18);
  await expect(log.list.locator('[data-line]').first()).toHaveAttribute('data-line', '8');
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/from=/);
});

test('the histogram grows with its run, follows the level filter and can be hidden', async ({ page }) => {
  const id = 'growing-run';
  await createRun(server.url, id);
  const log = new LogPage(page);
  await log.open(server.url, id);
  const plot = histogram(page);
  await expect(plot).toHaveAccessibleName(/: 1 line,/);
  await postLines(server.url, id, ['a', { message: 'b', level: 'error' }]);
  await expect(plot).toHaveAccessibleName(/: 3 lines, 1 error,/);
  await page.getByRole('button', { name: /^error/ }).click();
  await expect(plot).toHaveAccessibleName(/: 1 line, 1 error,/);

  await page.getByRole('button', { name: 'View' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Lines over time' }).click();
  await expect(plot).toHaveCount(0);
});

test('times are told in five ways, and hovering one tells all of it', async ({ page }) => {
  const log = new LogPage(page);
  const times = log.list.locator('[data-line] .log-time');
  await log.open(server.url, RUN, '#L1');
  await expect(log.row(1)).toBeInViewport();
  await expect(times).toHaveCount(0);

  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'View' }).click();
    await page.getByRole('menuitemradio', { name, exact: true }).click();
    await page.keyboard.press('Escape');
  };
  const shown: Array<[style: string, first: string[]]> = [
    ['Local', ['15:30:00.000', '15:30:01.000250', '15:30:02.000']],
    ['UTC', ['10:00:00.000', '10:00:01.000250', '10:00:02.000']],
    ['Since previous line', ['', '+1.000250', '+0.999750']],
  ];
  for (const [style, texts] of shown) {
    await choose(style);
    for (const [index, text] of texts.entries()) await expect(log.row(index + 1).locator('.log-time')).toHaveText(text);
    const widths = await times.evaluateAll(
      (all) => new Set(all.map((time) => time.getBoundingClientRect().width)).size,
    );
    expect(widths, `${style}: all equally wide`).toBe(1);
  }
  await log.row(2).locator('.log-time').hover();
  const tip = page.getByRole('tooltip');
  await expect(tip).toContainText('2026-01-31 15:30:01.000250 +05:30');
  await expect(tip).toContainText('2026-01-31 10:00:01.000250 Z');
  await expect(tip).toContainText('Since previous1.000250');

  await choose('Since start');
  const run = await (await fetch(`${server.url}/api/v1/job-runs/${RUN}`)).json();
  const since = (START - Date.parse(run.started_at)) / 1000;
  await expect(log.row(1).locator('.log-time')).toHaveText(since < 0 ? /^-/ : /^\d/);
  await choose('Hidden');
  await expect(times).toHaveCount(0);
  await log.row(2).locator('.log-number').hover();
  await expect(tip, 'without the column the number tells the time').toContainText('2026-01-31 10:00:01.000250 Z');
  await log.row(2).locator('.log-number').click();
  const bar = page.getByRole('toolbar', { name: 'Selected lines' });
  await expect(bar).toContainText('2026-01-31 15:30:01.000250 +05:30');
});

test('streams, tasks and attempts have their counts in the whole run, and restrict it together', async ({ page }) => {
  const log = new LogPage(page);
  const messages = log.list.locator('[data-line] .log-message');
  await log.open(server.url, TASKS);
  await page.getByRole('button', { name: /^Filters/ }).click();
  const panel = page.getByRole('dialog', { name: 'Filters' });
  const option = (name: RegExp) => panel.getByRole('checkbox', { name });
  await expect(option(/^stderr\s*3/)).toBeVisible();
  await expect(option(/^System\s*1/)).toBeVisible();
  await expect(option(/^build\s*1/)).toBeVisible();
  await expect(option(/^build\s*attempt 2\s*2/)).toBeVisible();
  await expect(option(/^Attempt 2\s*2/)).toBeVisible();

  await postTimed(TASKS, [{ message: 'build 1 ends', task_run_id: 'build-1' }]);
  await expect(option(/^stdout\s*1/), 'counts grow with the run').toBeVisible();

  await option(/^Attempt 2/).check();
  await expect(messages).toHaveText([/build 2\.1/, /build 2\.2/]);
  await expect(page).toHaveURL(/attempt=2/);
  await page.reload();
  await expect(messages).toHaveText([/build 2\.1/, /build 2\.2/]);
  await page.getByRole('button', { name: 'Remove filter Attempt 2' }).click();
  await expect(messages).toHaveCount(5);
});

test('the panel takes a time range in the zone of the times, and the last minutes of the run', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await page.getByRole('button', { name: /^Filters/ }).click();
  const panel = page.getByRole('dialog', { name: 'Filters' });
  await panel.getByRole('button', { name: 'Last 5 min' }).click();
  await expect(page).toHaveURL(/from=2026-01-31T/);
  const from = panel.getByLabel('From, UTC+05:30');
  await from.fill('2026-01-31T15:30:10.000');
  await from.press('Enter');
  await expect(page).toHaveURL(/from=2026-01-31T10:00:10\.000Z/);
  const until = panel.getByLabel('Until, UTC+05:30');
  await until.fill('2026-01-31T15:30:12.000');
  await until.press('Enter');
  await expect(log.list.locator('[data-line] .log-message')).toHaveText(['second 10', 'second 11']);
  await until.fill('2026-01-31T15:30:01.000');
  await until.press('Enter');
  await expect(panel.getByRole('alert')).toContainText('ends before it begins');
});

test('a text that is not valid says where, and Enter selects that part', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, TASKS);
  await log.filterText.fill('build');
  await expect(log.list.locator('mark').first()).toHaveText('build');
  await log.filterText.fill('build /ms(/');
  await expect(log.filterText).toHaveAccessibleDescription(/missing closing \), at character 10/);
  await expect(page.locator('[data-fault]')).toHaveText('(/');
  await log.filterText.press('Enter');
  const selected = await log.filterText.evaluate((field: HTMLInputElement) => [
    field.selectionStart,
    field.selectionEnd,
  ]);
  expect(selected).toEqual([9, 11]);
  await log.filterText.fill('build /ms/');
  await expect(log.filterText).toHaveAccessibleDescription(/^Words/);
});

test('case counts where it is asked to, here and in the address', async ({ page }) => {
  const log = new LogPage(page);
  const messages = log.list.locator('[data-line] .log-message');
  await log.open(server.url, TASKS);
  await log.filterText.fill('BUILD timeout');
  await expect(messages).toHaveCount(3);
  await page.getByRole('button', { name: 'Match case' }).click();
  await expect(log.list).toContainText('No line matches this filter.');
  await expect(page).toHaveURL(/case=1/);
  await log.filterText.fill('build timeout');
  await expect(messages).toHaveCount(3);
});

test('terms are highlighted in colours of their own, which the address keeps', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, TASKS);
  await page.getByRole('button', { name: /^Filters/ }).click();
  const field = page.getByRole('textbox', { name: 'Highlight' });
  for (const term of ['timeout', '/\\d+ ms/']) {
    await field.fill(term);
    await field.press('Enter');
  }
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/hl=timeout&hl=/);
  const row = log.rowsWith('build 1.1');
  await expect(row.locator('mark.log-highlight-0')).toHaveText('timeout');
  await expect(row.locator('mark.log-highlight-1')).toHaveText('20 ms');
  const grounds = await row
    .locator('mark')
    .evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark).backgroundColor));
  expect(new Set(grounds).size).toBe(2);
  await expect(log.list.locator('[data-line]'), 'nothing is filtered').toHaveCount(5);

  // A match of the filter goes before a highlight, and other colours stay where one is taken out.
  await log.filterText.fill('time');
  await expect(row.locator('mark:not(.log-highlight)')).toHaveText('time');
  await expect(row.locator('mark.log-highlight-0')).toHaveText('out');
  await page.getByRole('button', { name: 'Stop highlighting timeout' }).click();
  await expect(page).not.toHaveURL(/hl=timeout/);
  await page.reload();
  await expect(row.locator('mark.log-highlight-1')).toHaveText('20 ms');
  await expect(row.locator('mark.log-highlight-0')).toHaveCount(0);
});
