import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun } from './rest-client';
import { StratalServer } from './stratal-server';

/** How long a run takes, or took, on its page. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

/** Seconds that the header tells, and the words around them. */
async function readDuration(page: Page): Promise<{ seconds: number; text: string }> {
  const shown = page.locator('main header span').filter({ hasText: /^(For|Took) / });
  const length = (await shown.locator('time').getAttribute('datetime')) ?? '';
  return { seconds: Number(/^PT([\d.]+)S$/.exec(length)?.[1]), text: (await shown.textContent()) ?? '' };
}

const MINUTE = 60;

test('the header’s duration goes on while the run does, and stands still after its end', async ({ page }) => {
  const id = 'duration';
  await createRun(server.url, id, { started_at: new Date(Date.now() - 2 * MINUTE * 1000).toISOString() });
  await page.clock.install();
  const log = new LogPage(page);
  await log.open(server.url, id);
  const before = await readDuration(page);
  expect(before.seconds).toBeGreaterThanOrEqual(2 * MINUTE);
  expect(before.text).toMatch(/^For \d+m \d\ds$/);
  // By itself, each second.
  await expect.poll(async () => (await readDuration(page)).seconds).toBeGreaterThan(before.seconds);
  await page.clock.fastForward(10_000);
  await expect.poll(async () => (await readDuration(page)).seconds).toBeGreaterThanOrEqual(before.seconds + 10);

  const finished = new Date(Date.now() + 60 * MINUTE * 1000);
  await finishRun(server.url, id, { status: 'failed', signal: 'SIGTERM', finished_at: finished.toISOString() });
  await expect(log.state).toHaveText(/Ended/);
  const header = page.locator('main header');
  await expect(header).toContainText('Failed');
  await expect(header).toContainText('SIGTERM, terminated');
  await expect(header).toContainText(/Took 1h 02m/);
  const { seconds } = await readDuration(page);
  await page.clock.runFor(5000);
  expect((await readDuration(page)).seconds).toBe(seconds);
  await page.reload();
  await expect(header).toContainText('SIGTERM, terminated');
  expect((await readDuration(page)).seconds).toBe(seconds);
});
