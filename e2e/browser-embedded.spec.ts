import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { EmbeddingPage } from './embedding-page';
import { passFrames, untilIdle } from './interactive';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines, setRunStatus } from './rest-client';
import { COUNTING_ERROR, fillRetriedRun, RETRIED_LINES } from './retried-run';
import { StratalServer } from './stratal-server';

/** The viewer as all that a page of another origin has, which knows nothing of the run but its id. */

const START = '2026-01-02T10:00:00.000Z';
const END = '2026-01-02T10:01:05.000Z';

let embedding: EmbeddingPage;
let server: StratalServer;

test.beforeAll(async () => {
  embedding = await EmbeddingPage.start();
  server = await StratalServer.start({ env: { STRATAL_ALLOWED_ORIGINS: embedding.origin } });
});

test.afterAll(async () => {
  embedding.close();
  await server.close();
});

async function open(page: Page, id: string): Promise<LogPage> {
  await embedding.open(page, server.url, id);
  return new LogPage(page);
}

test('a failed run opens at the first error of the attempt that failed for good; its end tells how', async ({
  page,
}) => {
  const id = 'embedded-failed';
  await fillRetriedRun(server.url, id, { started_at: START });
  await finishRun(server.url, id, { status: 'failed', signal: 'SIGKILL', finished_at: END });
  const log = await open(page, id);
  await expect(log.row(COUNTING_ERROR)).toBeInViewport();
  await expect(log.state).toHaveText(/Ended/);
  await expect(page.getByRole('button', { name: 'error 3' })).toBeVisible();
  await log.list.focus();
  await page.keyboard.press('End');
  await expect(log.list).toContainText('Run failed after 1m 05s: SIGKILL, killed, often out of memory');
});

test('groups of a run that is over are closed, as on its page, and open while it goes on', async ({ page }) => {
  const id = 'embedded-groups';
  await createRun(server.url, id);
  await postLines(server.url, id, ['::group::set up', 'inside', '::endgroup::', 'outside']);
  const log = await open(page, id);
  await expect(log.rowsWith('outside')).toBeVisible();
  await expect(log.rowsWith('inside')).toBeVisible();
  await finishRun(server.url, id, { exit_code: 0 });
  await expect(log.state).toHaveText(/Ended/);
  await expect(log.rowsWith('inside')).toBeVisible();
  await open(page, id);
  await expect(log.rowsWith('outside')).toBeVisible();
  await expect(log.rowsWith('inside')).toHaveCount(0);
});

test('a completed run opens at its end', async ({ page }) => {
  const id = 'embedded-completed';
  await fillRetriedRun(server.url, id);
  await finishRun(server.url, id, { exit_code: 0 });
  const log = await open(page, id);
  await expect(log.list).toContainText(/Run completed after /);
  await expect(log.row(RETRIED_LINES)).toBeInViewport();
});

test('a run is not started yet, then live, and where it fails while it is watched its end stays in sight', async ({
  page,
}) => {
  const id = 'embedded-pending';
  await createRun(server.url, id, { status: 'pending' });
  const log = await open(page, id);
  await expect(log.state).toHaveText(/Not started yet/);
  await setRunStatus(server.url, id, 'running');
  await expect(log.state).toHaveText(/Live/);
  await postLines(
    server.url,
    id,
    Array.from({ length: 300 }, (_, index) => ({ message: `line ${index}`, level: index === 10 ? 'error' : 'info' })),
  );
  await expect(log.row(301)).toBeInViewport();
  await finishRun(server.url, id, { status: 'failed', exit_code: 1 });
  await expect(log.list).toContainText(/Run failed after .*: exit code 1/);
  await expect(page.getByRole('button', { name: 'error 2' })).toBeVisible();
  await expect(log.row(302)).toBeInViewport();
});

test('a reader who has left the end before the first error is known stays where they are', async ({ page }) => {
  const id = 'embedded-left';
  await fillRetriedRun(server.url, id);
  await finishRun(server.url, id, { status: 'failed', exit_code: 1 });
  let answer = () => {};
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/api\/v1\/task-runs\?/, async (route) => {
    await isAnswered;
    await route.continue();
  });
  const log = await open(page, id);
  await expect(log.row(RETRIED_LINES)).toBeInViewport();
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.row(1)).toBeInViewport();
  const firstError = page.waitForResponse(/level=error/);
  answer();
  await firstError;
  await untilIdle(page);
  // What is done with the answer is done within the next frames.
  await passFrames(page, 5);
  await expect(log.row(1)).toBeInViewport();
});
