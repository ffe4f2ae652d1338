import { expect } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** What a reader is told where nothing is heard any more: of the server, or of the run's producer. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

test('a server that is not heard any more is told, and lines go on once it is heard again', async ({ page }) => {
  const log = new LogPage(page);
  await createRun(server.url, 'frozen-server');
  await postLines(server.url, 'frozen-server', ['before']);
  await log.open(server.url, 'frozen-server');
  await expect(log.rowsWith('before')).toBeVisible();
  const { pid } = server;
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(log.state).toHaveAttribute('data-stream-state', 'silent', { timeout: 60_000 });
    await expect(log.state).toHaveText(/Server silent for \d+ s/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expect(log.state).toHaveAttribute('data-stream-state', 'live', { timeout: 30_000 });
  await postLines(server.url, 'frozen-server', ['after']);
  await expect(log.rowsWith('after')).toBeInViewport();
  await expect(log.rowsWith('before')).toHaveCount(1);
});

test('a run whose producer is not heard any more is lost, and runs again with its next line', async ({ page }) => {
  const log = new LogPage(page);
  await createRun(server.url, 'lost-run', { heartbeat_seconds: 1 });
  await postLines(server.url, 'lost-run', ['before']);
  await log.open(server.url, 'lost-run');
  await expect(log.state).toHaveText(/Lost/, { timeout: 30_000 });
  await expect(page.getByRole('main').getByText('Lost', { exact: true }).first()).toBeVisible();
  await postLines(server.url, 'lost-run', ['after']);
  await expect(log.rowsWith('after')).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);

  await expect(log.state).toHaveText(/Lost/, { timeout: 30_000 });
  await page.reload();
  await expect(log.state).toHaveText(/Lost/);
  await expect(log.rowsWith('after')).toBeVisible();
});
