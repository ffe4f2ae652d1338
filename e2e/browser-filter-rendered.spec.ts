import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { forgiveRefusals } from './page-faults';
import { createRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** A run's page whose address has a filter: the server renders the lines that pass, and the viewer goes on from there. */

const RUN = 'rendered';
const LINES = 3000;
const TRACE = 1500;

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  await createRun(server.url, RUN);
  // Line 1 is the server's. Each even line is a match of `even`; one line in all is an error, with its trace below it.
  await postLines(
    server.url,
    RUN,
    Array.from({ length: LINES - 1 }, (_, index) => {
      const line = index + 2;
      if (line === TRACE) return { message: 'Error: broken', level: 'error' };
      if (line === TRACE + 1) return '    at run (main.js:1:2)';
      return `line ${line} ${line % 2 === 0 ? 'even' : 'odd'}`;
    }),
  );
});

test.afterAll(async () => {
  await server.close();
});

function rows(log: LogPage) {
  return log.list.locator('[data-line]');
}

/** What the server answers to whom no script runs for. Playwright's browser shows no <noscript>, whatever is switched off. */
async function noticeAt(page: Page, address: string): Promise<string> {
  const html = await (await page.request.get(`${server.url}/job-runs/${RUN}${address}`)).text();
  return /<noscript>.*?<\/noscript>/s.exec(html)?.[0] ?? '';
}

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the newest lines that pass are shown, and said to be no more than that', async ({ page }) => {
    const log = new LogPage(page);
    await log.visit(server.url, RUN, '?q=even');
    expect(await log.numbers()).toEqual(Array.from({ length: 200 }, (_, index) => LINES - 398 + 2 * index));
    const notice = await noticeAt(page, '?q=even');
    expect(notice).toContain('the newest 200 lines under this filter as of now');
    const [matching = '', newest = ''] = [...notice.matchAll(/href="([^"]+)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    );
    const lines = await (await page.request.get(`${server.url}${matching}`)).text();
    expect(lines.trimEnd().split('\n')).toHaveLength(LINES / 2 - 1);
    await page.goto(`${server.url}${newest}`);
    await expect(log.row(LINES)).toBeVisible();
  });

  test('what comes with matching lines is there too: stack traces, context, and nothing where nothing passes', async ({
    page,
  }) => {
    const log = new LogPage(page);
    await log.visit(server.url, RUN, '?level=error');
    expect(await log.numbers()).toEqual([TRACE, TRACE + 1]);
    await log.visit(server.url, RUN, '?find=broken&only=true&context=2');
    expect(await log.numbers()).toEqual([TRACE - 2, TRACE - 1, TRACE, TRACE + 1, TRACE + 2]);
    await log.visit(server.url, RUN, '?q=nowhere');
    expect(await log.numbers()).toEqual([]);
    await expect(log.list).toContainText('No line matches this filter.');
  });

  test('a link under a filter shows the lines that pass around the linked one', async ({ page }) => {
    const log = new LogPage(page);
    await log.visit(server.url, RUN, '?q=even&line=1000#L1000');
    await expect(log.row(1000)).toBeInViewport();
    const shown = await log.numbers();
    expect(shown[0]).toBe(900);
    expect(shown.every((line, index) => line === 900 + 2 * index)).toBe(true);
    expect(await noticeAt(page, '?q=even&line=1000')).toContain('200 lines under this filter around line 1,000');
  });

  test('a link is reached also where each line is a match and context comes with it', async ({ page }) => {
    const log = new LogPage(page);
    for (const context of [1, 20]) {
      await log.visit(server.url, RUN, `?find=line&only=true&context=${context}&line=1000#L1000`);
      await expect(log.row(1000)).toBeInViewport();
      const shown = await log.numbers();
      expect(shown.every((line, index) => line === (shown[0] ?? 0) + index)).toBe(true);
    }
  });

  test('a filter with a fault shows no lines as if they passed', async ({ page }) => {
    const log = new LogPage(page);
    await log.visit(server.url, RUN, '?q=%2Fa(%2F');
    expect(await log.numbers()).toEqual([]);
    expect(await noticeAt(page, '?q=%2Fa(%2F')).toContain('shows no lines under this filter');
  });
});

test('the viewer goes on from what was rendered, in both directions, without asking for it again', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname === `/api/v1/logs/job-runs/${RUN}`) asked.push(search);
  });
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?q=even');
  await expect(log.row(LINES)).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
  await postLines(server.url, RUN, ['line 3001 odd', 'line 3002 even']);
  await expect(log.row(LINES + 2)).toBeInViewport();
  await expect(log.row(LINES + 1)).toHaveCount(0);
  expect(asked.filter((search) => search.includes('tail='))).toEqual([]);

  // From page to page no matching line is left out, and none is there twice.
  const seen = new Set<number>();
  for (let turn = 0; turn < 60 && !seen.has(2400); turn++) {
    const shown = await log.numbers();
    for (const [index, line] of shown.entries()) {
      if (index > 0) expect(line - (shown[index - 1] ?? 0)).toBe(2);
      seen.add(line);
    }
    await log.wheel(-400);
    const top = Math.min(...shown);
    await expect.poll(async () => Math.min(...(await log.numbers()))).toBeLessThan(top);
  }
  expect(seen.has(2400)).toBe(true);
});

test('a line that does not pass, and is behind the last one that does, is none that is missing', async ({ page }) => {
  const log = new LogPage(page);
  for (const address of ['?q=broken#L2900', '?level=error&line=2900']) {
    await page.goto('about:blank');
    await log.open(server.url, RUN, address);
    await expect(log.row(TRACE)).toBeInViewport();
    await expect(log.list).not.toContainText('There is no line');
  }
});

test('from a link under a filter the newest matches are one key away, and older ones behind them', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?q=even&line=500#L500');
  await expect(log.row(500)).toBeInViewport();
  await page.keyboard.press('Shift+G');
  await expect(log.row(LINES)).toBeInViewport();
  await expect.poll(async () => (await log.numbers())[0] ?? LINES).toBeLessThan(LINES - 20);
});

test('stack traces and context stay with their lines when the viewer takes over', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?level=error');
  await expect(rows(log)).toHaveCount(2);
  await postLines(server.url, RUN, [
    { message: 'Error: again', level: 'error' },
    '    at again (main.js:3:4)',
    'other',
  ]);
  await expect(rows(log)).toHaveCount(4);
  await expect(log.rowsWith('main.js:3:4')).toBeInViewport();

  await log.open(server.url, RUN, '?find=broken&only=true&context=2');
  await expect(rows(log)).toHaveCount(5);
});

test('a filter that was set later has its own lines when its page is gone back to', async ({ page, faults }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await log.filterText.fill('even');
  await expect(log.row(LINES - 1)).toHaveCount(0);
  await expect(page).toHaveURL(/q=even/);
  await page.getByRole('link', { name: 'Status' }).click();
  await expect(page).toHaveURL(/status$/);
  await page.goBack();
  await expect(page).toHaveURL(/q=even/);
  await expect(log.row(LINES)).toBeInViewport();
  expect((await log.numbers()).filter((line) => line <= LINES && line % 2 === 1)).toEqual([]);

  // A fault is told, and all lines are there.
  await log.open(server.url, RUN, '?q=%2Fa(%2F');
  await expect(page.getByRole('alert').first()).toBeVisible();
  await expect(log.row(LINES - 1)).toBeVisible();
  forgiveRefusals(faults);
});
