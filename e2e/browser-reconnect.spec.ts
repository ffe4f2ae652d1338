import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** What a reader sees of a server that goes away and comes back, and can do meanwhile. */

test.use({ outages: true });

/** Far enough away that nothing but the reader's press brings the connection back in time. */
const LONG_WAIT_S = 20;
/** The page waits between its attempts, the longer the more of them failed. */
const RECOVERY_MAX_MS = 40_000;
const OLD_LINES = 300;
const NEW_LINES = 700;

let server: StratalServer;

test.beforeEach(async () => {
  server = await StratalServer.start();
});

test.afterEach(async () => {
  await server.close();
});

/** A run's page, whose waits between attempts are this part of the longest that they can be instead of a random one. */
async function openRun(page: Page, id: string, part: number): Promise<LogPage> {
  await createRun(server.url, id);
  await postLines(
    server.url,
    id,
    Array.from({ length: OLD_LINES }, (_, index) => `old ${index}`),
  );
  await page.addInitScript((random) => {
    Math.random = () => random;
  }, part);
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(log.row(OLD_LINES + 1)).toBeInViewport();
  return log;
}

/** Seconds until the next attempt, as the page says. */
async function secondsLeft(log: LogPage): Promise<number> {
  return Number(/Reconnecting in (\d+) s/.exec((await log.state.textContent()) ?? '')?.[1] ?? 0);
}

/** Fails attempts until the next one is far away. */
async function waitLong(page: Page, log: LogPage): Promise<number> {
  const fail = async () => {
    const left = await secondsLeft(log);
    if (left > 0 && left < LONG_WAIT_S) await page.clock.fastForward(left * 1000);
    return left;
  };
  await expect.poll(fail, { intervals: [100], timeout: 30_000 }).toBeGreaterThanOrEqual(LONG_WAIT_S);
  return secondsLeft(log);
}

test('a lost connection counts down to the next attempt, and a press tries at once', async ({ page }) => {
  const id = 'counted-down';
  await page.clock.install();
  const log = await openRun(page, id, 0.99);
  await server.stop();
  await expect(log.state).toHaveText(/Reconnecting/);
  const left = await waitLong(page, log);
  // It counts down by itself.
  await expect.poll(() => secondsLeft(log)).toBeLessThan(left);
  await expect(log.state.getByTitle(/No line will be missed\.$/)).toBeVisible();
  // Screen readers hear of it once, not at every second.
  await expect(log.state.getByRole('status')).toHaveText('Reconnecting…');

  // While the server is away a press is an attempt, too: it fails, and the next one is counted down to.
  const tryNow = page.getByRole('button', { name: 'Try now' });
  await tryNow.click();
  await expect.poll(() => secondsLeft(log)).toBeGreaterThan(0);
  await waitLong(page, log);

  await server.startAgain();
  await postLines(server.url, id, ['while it was away']);
  await expect(log.rowsWith('while it was away')).toHaveCount(0);
  await expect(log.state).toHaveAttribute('data-stream-state', 'reconnecting');
  await tryNow.click();
  await expect(log.rowsWith('while it was away')).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
  await expect(tryNow).toHaveCount(0);
});

test('when the server is back the page catches up, says how far it is, and has each line once', async ({ page }) => {
  let network: 'open' | 'closed' | 'without lines' = 'open';
  const held: Array<() => void> = [];
  await page.routeWebSocket(/\/socket\.io\//, async (client) => {
    if (network === 'closed') return client.close();
    client.connectToServer().onMessage((message) => {
      const isLines = typeof message === 'string' && message.includes('["lines"');
      if (isLines && network === 'without lines') held.push(() => client.send(message));
      else client.send(message);
    });
  });
  const id = 'caught-up';
  const log = await openRun(page, id, 0.2);
  network = 'closed';
  await server.stop('SIGKILL');
  await expect(log.state).toHaveText(/Reconnecting/);
  await server.startAgain();
  await postLines(
    server.url,
    id,
    Array.from({ length: NEW_LINES }, (_, index) => `new ${index}`),
  );
  network = 'without lines';
  await expect(log.state).toHaveText(/Catching up, 700 to go/, { timeout: RECOVERY_MAX_MS });
  await expect(log.row(OLD_LINES + 1)).toBeInViewport();
  await expect(log.rowsWith('new 0')).toHaveCount(0);
  network = 'open';
  for (const pass of held.splice(0)) pass();
  await expect(log.state).toHaveText(/Live/);
  const last = OLD_LINES + NEW_LINES + 1;
  await expect(log.row(last)).toBeInViewport();
  const shown = await log.readAll(last);
  expect(shown.map(({ text }) => text)).toEqual([
    'Job run started',
    ...Array.from({ length: OLD_LINES }, (_, index) => `old ${index}`),
    ...Array.from({ length: NEW_LINES }, (_, index) => `new ${index}`),
  ]);
});
