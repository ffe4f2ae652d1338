import { expect } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Following a run, leaving its end and coming back, and what must not move meanwhile. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

/** A running run of line 1, the system's, and 400 more, opened and followed. */
async function openFollowed(log: LogPage, id: string, lines = numbered('line', 400)): Promise<void> {
  await createRun(server.url, id);
  await postLines(server.url, id, lines);
  await log.open(server.url, id);
  await expect(log.state).toHaveText(/Live/);
  await expect(log.row(lines.length + 1)).toBeInViewport();
}

function numbered(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index + 1}`);
}

/** Where a line's row stands in the window. */
async function topOf(log: LogPage, line: number): Promise<number | undefined> {
  return (await log.row(line).boundingBox())?.y;
}

test('F leaves the end and goes back to it', async ({ page }) => {
  const log = new LogPage(page);
  await openFollowed(log, 'follow-key');
  await page.keyboard.press('f');
  await expect(log.state).toHaveText(/Paused/);
  await postLines(server.url, 'follow-key', numbered('later', 40));
  await expect(page.getByRole('button', { name: '40 new lines – jump to newest' })).toBeVisible();
  await expect(log.row(441)).not.toBeInViewport();
  await page.keyboard.press('f');
  await expect(log.row(441)).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
});

test('while text is selected, arriving lines move neither the view nor the selection', async ({ page }) => {
  const log = new LogPage(page);
  await openFollowed(log, 'follow-selection');
  await log
    .row(395)
    .locator('.log-message')
    .dblclick({ position: { x: 8, y: 8 } });
  await expect(log.state).toHaveText(/Paused/);
  const before = await topOf(log, 395);
  await postLines(server.url, 'follow-selection', numbered('later', 60));
  await expect(page.getByRole('button', { name: /60 new lines/ })).toContainText('Held while text is selected');
  expect(await topOf(log, 395)).toBe(before);
  expect(await page.evaluate(() => document.getSelection()?.toString().trim())).toBe('line');
  await page.evaluate(() => document.getSelection()?.removeAllRanges());
  await expect(log.row(461)).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
});

test('while a menu is open, arriving lines do not move the view', async ({ page }) => {
  const log = new LogPage(page);
  await openFollowed(log, 'follow-menu');
  await page.getByRole('button', { name: 'View' }).click();
  await expect(log.state).toHaveText(/Paused/);
  const before = await topOf(log, 395);
  await postLines(server.url, 'follow-menu', numbered('later', 60));
  await expect(page.getByText('60 new lines – jump to newest')).toBeVisible();
  expect(await topOf(log, 395)).toBe(before);
  await page.keyboard.press('Escape');
  await expect(log.row(461)).toBeInViewport();
});

test('while it is scrolled sideways, arriving lines do not move the view', async ({ page }) => {
  const log = new LogPage(page);
  await openFollowed(log, 'follow-sideways', [...numbered('line', 399), `wide ${'='.repeat(600)}`]);
  await page.keyboard.press('w');
  await log.list.evaluate((list) => {
    list.scrollLeft = 200;
  });
  await expect(log.state).toHaveText(/Paused/);
  const before = await topOf(log, 395);
  await postLines(server.url, 'follow-sideways', numbered('later', 60));
  await expect(page.getByText('60 new lines – jump to newest')).toBeVisible();
  expect(await topOf(log, 395)).toBe(before);
  expect(await log.list.evaluate((list) => list.scrollLeft)).toBe(200);
  await log.list.evaluate((list) => {
    list.scrollLeft = 0;
  });
  await expect(log.row(461)).toBeInViewport();
});

test('a run that has not started says so, and its end is told in words with how long it took', async ({ page }) => {
  const id = 'follow-states';
  await createRun(server.url, id, { status: 'pending' });
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.state).toHaveText(/Not started yet/);
  await finishRun(server.url, id, { status: 'running' });
  await postLines(server.url, id, ['working']);
  await expect(log.state).toHaveText(/Live/);
  await finishRun(server.url, id, { status: 'failed', signal: 'SIGKILL' });
  await expect(log.state).toHaveText(/Ended/);
  await expect(log.list).toContainText(/Run failed after .+: SIGKILL, killed, often out of memory/);
});

test('the scroll bar spans the run: dragging it reaches the middle, its ends the first and the newest line', async ({
  page,
}) => {
  const id = 'dragged-run';
  await postLines(server.url, id, numbered('line', 50_000));
  await finishRun(server.url, id, { exit_code: 0 });
  const log = new LogPage(page);
  await log.open(server.url, id);
  const bar = page.getByRole('scrollbar', { name: 'Whole run' });
  await expect(bar).toHaveAttribute('aria-valuemax', '50000');
  const box = await bar.boundingBox();
  if (!box) throw new Error('the scroll bar is not shown');
  const x = box.x + box.width / 2;

  await page.mouse.move(x, box.y + box.height - 10);
  await page.mouse.down();
  await page.mouse.move(x, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await expect.poll(async () => Math.abs(Number(await bar.getAttribute('aria-valuenow')) - 25_000)).toBeLessThan(2500);
  await expect(async () => {
    const middle = Number(await bar.getAttribute('aria-valuenow'));
    await expect(log.row(middle + 3)).toBeInViewport({ timeout: 500 });
  }).toPass({ timeout: 10_000 });

  await page.mouse.click(x, box.y + 2);
  await expect(log.row(1)).toBeInViewport();
  await page.mouse.click(x, box.y + box.height - 2);
  await expect(log.row(50_000)).toBeInViewport();
  // However far the reader went, only the lines around are held.
  expect(await log.list.locator('[data-line]').count()).toBeLessThan(400);
});

test('a failed run opens at its first error, a finished one at its end, and a link at its line', async ({ page }) => {
  const lines = Array.from({ length: 4000 }, (_, index) => ({
    message: `line ${index + 1}`,
    level: index === 1233 ? 'error' : 'info',
  }));
  await postLines(server.url, 'opened-failed', lines);
  await finishRun(server.url, 'opened-failed', { status: 'failed', exit_code: 1 });
  await postLines(server.url, 'opened-completed', lines);
  await finishRun(server.url, 'opened-completed', { exit_code: 0 });
  const log = new LogPage(page);
  await log.open(server.url, 'opened-failed');
  await expect(log.row(1234)).toBeInViewport();
  await log.open(server.url, 'opened-failed', '#L3000');
  await expect(log.row(3000)).toBeInViewport();
  await log.open(server.url, 'opened-completed');
  await expect(log.row(4000)).toBeInViewport();
});

test('new lines are told to screen readers in few words, unless that is switched off', async ({ page }) => {
  const log = new LogPage(page);
  await openFollowed(log, 'follow-announced');
  const announcer = page
    .getByRole('region', { name: 'Log' })
    .getByRole('status')
    .filter({ hasText: /new line/ });
  await postLines(server.url, 'follow-announced', ['first', '\x1b[31msecond\x1b[0m']);
  await expect(announcer).toHaveText('2 new lines: second');
  await page.getByRole('button', { name: 'View' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Announce new lines' }).click();
  await page.keyboard.press('Escape');
  await expect(announcer).toHaveCount(0);
});

test('while the page follows, new lines of any height take the elements of rows that left', async ({ page }) => {
  const id = 'follow-reuse';
  const log = new LogPage(page);
  await openFollowed(log, id);
  const first = await log.list.locator('[data-index]').first().elementHandle();
  let last = 401;
  // Lines as high as those before them change no element's size, and have to be measured all the same.
  for (const everyWide of [1, 1, 2, 3]) {
    const lines = Array.from({ length: 200 }, (_, index) => 'x'.repeat(index % everyWide ? 8 : 400));
    await postLines(server.url, id, lines);
    last += lines.length;
    await expect(log.row(last)).toBeInViewport();
    await expect.poll(() => log.list.evaluate(looseRows)).toEqual([]);
  }
  // It is in the page since before the first round, and shows one of the last lines now.
  const shown = await first?.evaluate(
    (row) => row.isConnected && row.querySelector('[data-line]')?.getAttribute('data-line'),
  );
  expect(Number(shown)).toBeGreaterThan(last - 200);
});

/** Rows that do not begin where the one above ends, and an end of the list that is not where its last row ends, or out of sight. */
function looseRows(list: Element): string[] {
  const boxes = [...list.querySelectorAll('[data-index]')].map((row) => row.getBoundingClientRect());
  const loose = boxes.flatMap(({ top }, index) => {
    const above = boxes[index - 1]?.bottom ?? top;
    return Math.abs(above - top) > 0.5 ? [`row ${index} begins at ${top}, below ${above}`] : [];
  });
  const end = list.querySelector('.log-canvas')?.getBoundingClientRect().bottom ?? 0;
  const lastEnd = boxes.at(-1)?.bottom ?? 0;
  if (Math.abs(end - lastEnd) > 1) loose.push(`the last row ends at ${lastEnd}, the list at ${end}`);
  const below = list.scrollHeight - list.clientHeight - list.scrollTop;
  if (below > 1) loose.push(`${below} pixels are below`);
  return loose;
}

test('an element with the focus is not given to another line', async ({ page }) => {
  const id = 'follow-focus';
  const log = new LogPage(page);
  await openFollowed(log, id);
  await log.row(395).locator('.log-number').focus();
  await postLines(server.url, id, numbered('later', 200));
  await expect(log.row(601)).toBeInViewport();
  await expect(log.row(395)).toHaveCount(0);
  expect(await page.evaluate(() => document.activeElement?.closest('[data-line]'))).toBeNull();
});

test('an element that is pressed is not given to another line, so that the click is of the line that was pressed', async ({
  page,
}) => {
  const id = 'follow-pressed';
  const log = new LogPage(page);
  await openFollowed(log, id);
  // Nothing here takes the focus, which would keep the element by itself.
  const row = await log.row(395).locator('.log-message').elementHandle();
  await row?.hover();
  await page.mouse.down();
  await postLines(server.url, id, numbered('later', 200));
  await expect(log.row(601)).toBeInViewport();
  await expect(log.row(395)).toHaveCount(0);
  expect(await row?.evaluate((element) => element.isConnected)).toBe(false);
  await page.mouse.up();
  // Elements are given to others again.
  const last = await log.row(600).elementHandle();
  await postLines(server.url, id, numbered('latest', 200));
  await expect(log.row(801)).toBeInViewport();
  expect(await last?.evaluate((element) => element.isConnected)).toBe(true);
});

test('a jump ends at its line also where older lines come in at the same moment', async ({ page }) => {
  const id = 'jump-meets-page';
  await postLines(server.url, id, numbered('line', 3000));
  await finishRun(server.url, id, { exit_code: 0 });
  // The answer with older lines waits for the jump, whose first change of the page keeps it busy until the next frame is due.
  await page.addInitScript(() => {
    let open = () => {};
    const isOpen = new Promise<void>((resolve) => {
      open = resolve;
    });
    const fetchNow = globalThis.fetch;
    const jump = (hash: string) => {
      open();
      new MutationObserver((_, observer) => {
        observer.disconnect();
        for (const end = performance.now() + 40; performance.now() < end; );
      }).observe(document.body, { childList: true, subtree: true, attributes: true });
      location.hash = hash;
    };
    Object.assign(globalThis, { jump, isAsked: false });
    globalThis.fetch = async (input, init) => {
      const answer = await fetchNow(input, init);
      if (!String(input instanceof Request ? input.url : input).includes('after=399&limit=500')) return answer;
      Object.assign(globalThis, { isAsked: true });
      await isOpen;
      return answer;
    };
  });
  const log = new LogPage(page);
  for (let round = 0; round < 3; round++) {
    await page.goto('about:blank');
    await log.open(server.url, id, '#L1000');
    await expect(log.row(1000)).toBeInViewport();
    await page.waitForFunction(() => (globalThis as { isAsked?: boolean }).isAsked);
    await page.evaluate(() => (globalThis as { jump?: (hash: string) => void }).jump?.('#L1100'));
    // 240 lines were held; a page above and one below are 500 each.
    await expect.poll(() => log.list.evaluate(({ scrollHeight }) => scrollHeight)).toBeGreaterThan(20 * 1200);
    await expect(log.row(1100)).toBeInViewport();
  }
});
