import { type BrowserContext, expect, type Locator } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { forgiveRefusals } from './page-faults';
import { createRun, pinRun, postLines, readRun } from './rest-client';
import { StratalServer } from './stratal-server';

/** What a reader is told of the lines that retention took: before, while and after they looked. */

const KEPT = 500;

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start({
    env: { STRATAL_RETENTION_LINES: String(KEPT), STRATAL_RETENTION_INTERVAL: '1s' },
  });
});

test.afterAll(async () => {
  await server.close();
});

/** What is said above the first line. */
const head = (log: LogPage): Locator => log.list.locator('.log-head');

/**
 * Posts to a run until retention has taken lines up to this one or further, then takes the run from it. Returns the first
 * line that is left: retention takes whole pieces of what was stored.
 */
async function loseThrough(id: string, line: number): Promise<number> {
  let posts = 0;
  const lose = async () => {
    posts += 1;
    await postLines(
      server.url,
      id,
      Array.from({ length: 100 }, (_, index) => `post ${posts}, line ${index}`),
    );
    return (await readRun(server.url, id)).first_line;
  };
  await expect.poll(lose).toBeGreaterThan(line);
  await pinRun(server.url, id);
  return (await readRun(server.url, id)).first_line;
}

/** A run of so many lines, all of which retention leaves. */
async function fill(id: string, lines: number): Promise<void> {
  await createRun(server.url, id);
  await fillMore(id, lines);
}

/** Lines 2 to `lines`. */
async function fillMore(id: string, lines: number): Promise<void> {
  await postLines(
    server.url,
    id,
    Array.from({ length: lines - 1 }, (_, index) => `line ${index + 2}`),
  );
}

const count = (lines: number) => lines.toLocaleString('en');
const removed = (first: number) => `Lines 1 to ${count(first - 1)} were removed by retention.`;

test('a run that lost its oldest lines begins with the first that is left, and says which are gone', async ({
  page,
}) => {
  const id = 'retention-before';
  await fill(id, 300);
  const first = await loseThrough(id, 1);
  const log = new LogPage(page);
  await log.open(server.url, id);
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.row(first)).toBeInViewport();
  await expect(head(log)).toHaveText(removed(first));
  await expect(log.list.locator('[data-line]').first()).toHaveAttribute('data-line', String(first));
  await expect(page.getByRole('scrollbar', { name: 'Whole run' })).toHaveAttribute('aria-valuemin', String(first));
});

test('lines that are taken while they are asked for are said to be gone, and what is in sight stays', async ({
  page,
}) => {
  const id = 'retention-meanwhile';
  await fill(id, KEPT);
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.row(KEPT)).toBeInViewport();
  let answer = () => {};
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const PAGES = /\/api\/v1\/logs\/job-runs\/[^/]+\?/;
  await page.route(PAGES, async (route) => {
    await isAnswered;
    await route.continue();
  });
  const asked = page.waitForRequest(PAGES);
  await log.list.evaluate((list) => list.scrollTo(0, 0));
  await asked;
  await expect(head(log)).toHaveText('Loading older lines…');
  const seen = await log.firstInSight();
  // Above it there are lines that are not held.
  expect(seen).toBeGreaterThan(100);
  const left = await loseThrough(id, seen - 1);
  await expect(page.locator('.log-jump-bar')).toContainText(/new lines – jump to newest/);
  expect(await log.firstInSight()).toBe(seen);
  answer();
  await expect(head(log)).toHaveText(removed(left));
  // Who reads them can read on.
  expect(await log.firstInSight()).toBe(seen);
  await expect(log.row(seen)).toBeInViewport();
});

test('a link to a line that was taken since the page was opened says where the log begins now', async ({ page }) => {
  const id = 'retention-link';
  await fill(id, KEPT);
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.row(KEPT)).toBeInViewport();
  const first = await loseThrough(id, KEPT);
  await page.evaluate(() => {
    location.hash = '#L50';
  });
  await expect(log.list).toContainText(`Line 50 was removed by retention; the log begins at ${count(first)}.`);
});

test('who reads on from lines that are gone comes to the first that are left', async ({ page, faults }) => {
  const id = 'retention-read-on';
  await createRun(server.url, id);
  await pinRun(server.url, id);
  await fillMore(id, 4000);
  const log = new LogPage(page);
  await log.open(server.url, id, '#L1500');
  await expect(log.row(1500)).toBeInViewport();
  await pinRun(server.url, id, false);
  const first = await loseThrough(id, 3500);
  // To the last line that is held: it is in the page until newer ones are asked for.
  await expect(async () => {
    await log.wheel(20_000);
    await expect(head(log)).toHaveText(removed(first), { timeout: 500 });
  }).toPass();
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.row(first)).toBeInViewport();
  await expect(log.row(1500)).toHaveCount(0);
  await page.keyboard.press('End');
  const { line_count: left } = await readRun(server.url, id);
  await expect(log.row(first + left - 1)).toBeInViewport();
  // That the server said so is what is looked at.
  forgiveRefusals(faults, 410);
});

test.describe('while the page is away', () => {
  test.use({ outages: true });

  /** The page at a run of 400 lines that are all gone when it is back. */
  async function comeBack(
    log: LogPage,
    context: BrowserContext,
    { id, place }: { id: string; place: number },
  ): Promise<{ first: number; newest: number }> {
    await fill(id, 400);
    // Without a network a page still reaches `localhost`; this name is one like any other server's.
    await log.open(`http://127.0.0.1:${server.port}`, id, place === 400 ? '' : `#L${place}`);
    await expect(log.row(place)).toBeInViewport();
    await context.setOffline(true);
    await expect(log.state).toHaveText(/Offline/);
    const first = await loseThrough(id, 401);
    await context.setOffline(false);
    await expect(head(log)).toHaveText('Older lines were removed by retention while this page was away.');
    await expect(log.row(place)).toHaveCount(0);
    return { first, newest: first - 1 + (await readRun(server.url, id)).line_count };
  }

  test('a reader at the end is at the new end, and what is left is there', async ({ page, context }) => {
    const id = 'retention-away-end';
    const log = new LogPage(page);
    const { first, newest } = await comeBack(log, context, { id, place: 400 });
    await expect(log.row(newest)).toBeInViewport();
    await expect(log.state).toHaveText(/Live/);
    await postLines(server.url, id, ['one more']);
    await expect(log.row(newest + 1)).toBeInViewport();
    await log.list.focus();
    await page.keyboard.press('Home');
    await expect(log.row(first)).toBeInViewport();
    await expect(log.list.locator('[data-line]').first()).toHaveAttribute('data-line', String(first));
  });

  test('a reader at lines that are gone is at the first that are left, and stays there while lines come', async ({
    page,
    context,
  }) => {
    const id = 'retention-away-middle';
    const log = new LogPage(page);
    const { first } = await comeBack(log, context, { id, place: 200 });
    await expect(log.row(first)).toBeInViewport();
    await expect(log.state).toHaveText(/Paused/);
    const seen = await log.firstInSight();
    await postLines(server.url, id, ['one more']);
    await expect(page.locator('.log-jump-bar')).toContainText(/new lines? – jump to newest/);
    expect(await log.firstInSight()).toBe(seen);
  });
});
