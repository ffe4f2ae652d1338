import { expect, type Page } from '@playwright/test';
import { accessibilityFindings } from './accessibility';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Lines that are handed on: links to them, and copies of them. */

const LONG = 'shared-run';
const LONG_LINES = 20_000;
const STYLED = 'styled-run';

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  await postLines(
    server.url,
    LONG,
    Array.from(
      { length: LONG_LINES },
      (_, index) => `line ${index + 1}${index % 7 === 0 ? ` ${'x'.repeat(900)}` : ''}`,
    ),
  );
  await finishRun(server.url, LONG, { exit_code: 0 });
  await createRun(server.url, STYLED, { job_name: 'deploy [web]' });
  await postLines(server.url, STYLED, [
    '\u001b[31mred\u001b[0m\tand plain',
    '10%\r50%\r100%',
    '```fenced``` text',
    { message: 'an error', level: 'error', stream: 'stderr' },
    'last',
  ]);
});

test.afterAll(async () => {
  await server.close();
});

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
});

function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** How far the middle of a row, or of all rows to that of `last`, is from the middle of the list, in pixels. */
function fromMiddle(log: LogPage, line: number, last = line): Promise<number> {
  return log.list.evaluate(
    (list, ends) => {
      const [first, last] = ends.map((end) => list.querySelector(`[data-line="${end}"]`)?.getBoundingClientRect());
      const box = list.getBoundingClientRect();
      return first && last ? Math.abs(first.top + last.bottom - box.top - box.bottom) / 2 : Number.NaN;
    },
    [line, last],
  );
}

function number(log: LogPage, line: number) {
  return log.row(line).locator('.log-number');
}

test('the link that is copied shows its lines, marked, in the middle, and stays there', async ({ page, context }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG, '#L4242');
  await expect(log.row(4242)).toBeInViewport();
  await number(log, 4242).click();
  await number(log, 4244).click({ modifiers: ['Shift'] });
  const bar = page.getByRole('toolbar', { name: 'Selected lines' });
  await expect(bar).toContainText('Lines 4,242–4,244');
  await bar.getByRole('button', { name: 'Copy link' }).click();
  await expect(bar.getByRole('status')).toHaveText('Link copied');
  const link = await clipboard(page);
  expect(link).toBe(`${server.url}/job-runs/${LONG}?line=4242-4244#L4242-L4244`);

  const other = new LogPage(await context.newPage());
  await other.page.goto(link);
  await expect(other.state).toHaveAttribute('data-stream-state', 'ended');
  await expect(other.list.locator('[data-selected]')).toHaveText([/line 4242/, /line 4243/, /line 4244/]);
  await expect.poll(() => fromMiddle(other, 4242, 4244)).toBeLessThan(12);

  // The reader who scrolls on is not called back.
  await other.wheel(2000);
  await expect(other.row(4242)).not.toBeInViewport();
  await other.page
    .getByRole('button', { name: /Wrap|View/ })
    .first()
    .click();
  await other.page.getByRole('menuitemcheckbox', { name: 'Wrap long lines' }).click();
  await other.page.keyboard.press('Escape');
  await expect(other.row(4242)).not.toBeInViewport();
});

test('many linked lines stand around the middle, and the first is in sight where they are more than fit', async ({
  page,
}) => {
  const log = new LogPage(page);
  // Line 4250 is of nine rows.
  for (const address of ['#L4249-L4252', '?line=4249-4252#L4249-L4252']) {
    await page.goto('about:blank');
    await log.open(server.url, LONG, address);
    await expect(log.list.locator('[data-selected]')).toHaveCount(4);
    await expect.poll(() => fromMiddle(log, 4249, 4252), address).toBeLessThan(15);
  }
  for (const address of ['#L4251-L4300', '?line=4251-4300#L4251-L4300', '#L4251-L9000']) {
    await page.goto('about:blank');
    await log.open(server.url, LONG, address);
    await expect(log.row(4251), address).toBeInViewport({ ratio: 1 });
    await expect(log.row(4250), address).toBeInViewport();
    await expect(log.row(4261), address).toBeInViewport();
  }
});

test('linked lines are rendered by the server, around them their neighbours', async ({ browser, request }) => {
  const html = await (await request.get(`${server.url}/job-runs/${LONG}?line=120-121`)).text();
  const rows = [...html.matchAll(/<div id="L(\d+)" data-line="\d+"[^>]*>/g)];
  expect(rows.map(([, line]) => Number(line))).toEqual(Array.from({ length: 200 }, (_, index) => index + 20));
  const marked = rows.filter(([row]) => row.includes('data-selected')).map(([, line]) => Number(line));
  expect(marked).toEqual([120, 121]);

  const context = await browser.newContext({ javaScriptEnabled: false });
  const log = new LogPage(await context.newPage());
  for (const address of ['?line=120-121#L120-L121', '?line=120#L120']) {
    await log.page.goto('about:blank');
    await log.page.goto(`${server.url}/job-runs/${LONG}${address}`);
    await expect(log.row(120)).toBeInViewport();
    await expect(log.row(120)).toHaveAttribute('data-selected', '');
  }
  await context.close();
});

test('a line that is no number, or none of the run, leaves the newest lines', async ({ request }) => {
  for (const line of ['abc', '0', '-5', '99999', '1&line=2', '%00']) {
    const html = await (await request.get(`${server.url}/job-runs/${LONG}?line=${line}`)).text();
    expect(`${line}: ${html.includes(`data-line="${LONG_LINES}"`)}`).toBe(`${line}: true`);
  }
});

test('from a linked line the reader gets to both ends of the run', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG, '?line=5000');
  await expect(log.row(5000)).toBeInViewport();
  await expect.poll(() => fromMiddle(log, 5000)).toBeLessThan(30);
  await log.list.focus();
  await page.keyboard.press('End');
  await expect(log.row(LONG_LINES)).toBeInViewport();
  await page.keyboard.press('Home');
  await expect(log.row(1)).toBeInViewport();
});

test('a linked line of a run that goes on stays in sight while lines come, which are one press away', async ({
  page,
}) => {
  const id = 'going-run';
  await createRun(server.url, id);
  await postLines(
    server.url,
    id,
    Array.from({ length: 2000 }, (_, index) => `line ${index + 2} ${'wrapped '.repeat(index % 60)}`),
  );
  const log = new LogPage(page);
  await log.open(server.url, id, '?line=700#L700');
  await expect.poll(() => fromMiddle(log, 700)).toBeLessThan(60);
  const place = await fromMiddle(log, 700);
  await postLines(server.url, id, ['newer 1', 'newer 2']);
  const jump = page.getByRole('button', { name: /2 new lines/ });
  await expect(jump).toBeVisible();
  expect(await fromMiddle(log, 700)).toBe(place);
  await jump.click();
  await expect(log.rowsWith('newer 2')).toBeInViewport();
  await postLines(server.url, id, ['newer 3']);
  await expect(log.rowsWith('newer 3')).toBeInViewport();
});

test('lines are copied as clean text, with times, and as Markdown', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, STYLED);
  await number(log, 2).click();
  await number(log, 4).click({ modifiers: ['Shift'] });
  const bar = page.getByRole('toolbar', { name: 'Selected lines' });
  const copy = async (style: string, words: string) => {
    await bar.getByRole('button', { name: 'Copy lines' }).click();
    await page.getByRole('menuitem', { name: style, exact: true }).click();
    await expect(bar.getByRole('status')).toHaveText(words);
    return clipboard(page);
  };
  expect(await copy('Text', '3 lines copied')).toBe('red\tand plain\n100%\n```fenced``` text');
  expect(await copy('Text with times (UTC)', '3 lines copied with times')).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z red\tand plain\n\d{4}-\S+Z 100%\n\d{4}-\S+Z ```fenced``` text$/,
  );
  const link = `${server.url}/job-runs/${STYLED}?line=2-4#L2-L4`;
  expect(await copy('Markdown', '3 lines copied as Markdown')).toBe(
    `[deploy \\[web\\] · lines 2–4](${link})\n\n\`\`\`\`\nred\tand plain\n100%\n\`\`\`fenced\`\`\` text\n\`\`\`\`\n`,
  );
});

test('lines that are not loaded are copied too, and can be saved', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG, '?line=101-6100');
  const bar = page.getByRole('toolbar', { name: 'Selected lines' });
  await log.list.focus();
  await page.keyboard.press('y');
  await expect(bar.getByRole('status')).toHaveText('6,000 lines copied');
  const lines = (await clipboard(page)).split('\n');
  expect([lines.length, lines[0]?.slice(0, 8), lines.at(-1)?.slice(0, 9)]).toEqual([6000, 'line 101', 'line 6100']);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    bar.getByRole('link', { name: 'Download lines' }).click(),
  ]);
  expect(download.url()).toContain('lines=101-6100');
});

test('the bar is worked by keyboard, and Escape takes the selection and the hash back', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, STYLED, '#L3');
  const bar = page.getByRole('toolbar', { name: 'Selected lines' });
  await expect(bar).toContainText('Line 3');
  await log.list.focus();
  await page.keyboard.press('c');
  await expect(bar.getByRole('status')).toHaveText('Link copied');
  expect(await clipboard(page)).toBe(`${server.url}/job-runs/${STYLED}?line=3#L3`);
  await page.keyboard.press('Tab');
  await expect(bar.getByRole('button', { name: 'Copy link' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Markdown' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menuitem')).toHaveCount(0);
  await expect(bar).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
  await expect(log.list.locator('[data-selected]')).toHaveCount(0);
  await expect(page).toHaveURL(`${server.url}/job-runs/${STYLED}`);
});

test('another selection leaves no old lines in the address', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, STYLED, '?line=2&level=info');
  await number(log, 4).click();
  await expect(page).toHaveURL(`${server.url}/job-runs/${STYLED}?level=info#L4`);
});

for (const theme of ['light', 'dark'] as const) {
  test(`accessibility of the bar has no violation in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await new LogPage(page).open(server.url, STYLED, '#L2-L4');
    await page.getByRole('toolbar', { name: 'Selected lines' }).getByRole('button', { name: 'Copy link' }).click();
    await expect(page.getByText('Link copied')).toBeVisible();
    expect(await accessibilityFindings(page)).toEqual([]);
  });
}

test('on a phone the bar fits', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 700 });
  await new LogPage(page).open(server.url, LONG, '#L12345-L12350');
  const bar = page.getByRole('toolbar', { name: 'Selected lines' });
  await expect(bar.getByRole('button', { name: 'Clear the selection' })).toBeInViewport();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});

/** The line that holds the end of the selection that the reader moves. */
function focusLine(page: Page): Promise<number> {
  return page.evaluate(() => {
    const node = document.getSelection()?.focusNode;
    const element = node instanceof Element ? node : node?.parentElement;
    return Number(element?.closest<HTMLElement>('[data-line]')?.dataset.line);
  });
}

test('text that is selected with the mouse stays selected far away, and is copied as whole lines', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, LONG, '?line=10000');
  await expect.poll(() => fromMiddle(log, 10_000)).toBeLessThan(60);
  const start = await log.row(10_000).locator('.log-message').boundingBox();
  if (!start) throw new Error('the line is not shown');
  await page.mouse.move(start.x + 20, start.y + 10);
  await page.mouse.down();
  await page.mouse.move(start.x + 40, start.y + 40, { steps: 4 });
  await page.mouse.wheel(0, 4000);
  await expect(log.row(10_000)).not.toBeInViewport();
  await expect(log.row(10_100)).toBeAttached();
  await page.mouse.move(start.x + 60, start.y + 44, { steps: 4 });
  await page.mouse.up();
  const end = await focusLine(page);
  expect(end).toBeGreaterThan(10_060);

  // Neither end is in sight, both are still in the page.
  await page.mouse.wheel(0, 6000);
  await expect(log.row(end)).not.toBeInViewport();
  await expect(log.row(10_000)).toBeAttached();
  await expect(log.row(end)).toBeAttached();
  expect(await log.row(10_020).count()).toBe(0);
  await page.keyboard.press('Control+c');
  await expect(page.getByText(`${end - 9999} lines copied`)).toBeVisible();
  const copied = (await clipboard(page)).split('\n').map((line) => line.split(' ').slice(0, 2).join(' '));
  expect(copied).toEqual(Array.from({ length: end - 9999 }, (_, index) => `line ${10_000 + index}`));
  await expect(log.row(10_000)).toBeAttached();
});

test('Ctrl+A in the log selects the log alone, and copies all of it', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, STYLED);
  await log.list.focus();
  await page.keyboard.press('Control+a');
  expect(await page.evaluate(() => document.getSelection()?.toString())).not.toContain('Download');
  await page.keyboard.press('Control+c');
  await expect(page.getByText('6 lines copied')).toBeVisible();
  expect(await clipboard(page)).toBe('Job run started\nred\tand plain\n100%\n```fenced``` text\nan error\nlast');

  await log.open(server.url, LONG);
  await log.list.focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await expect(page.getByText('20,000 lines copied')).toBeVisible({ timeout: 30_000 });
  const lines = (await clipboard(page)).split('\n');
  expect([lines.length, lines[0]?.slice(0, 7), lines.at(-1)?.slice(0, 10)]).toEqual([20_000, 'line 1 ', 'line 20000']);
});

test('a selection within one line is copied as the browser does', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, STYLED);
  await log
    .rowsWith('an error')
    .getByText('an error')
    .dblclick({ position: { x: 30, y: 8 } });
  await page.keyboard.press('Control+c');
  expect((await clipboard(page)).trim()).toBe('error');
});
