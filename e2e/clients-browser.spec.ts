import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** A browser's own WebSocket and EventSource, in a page of the server's own origin, without any code of Stratal. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

test.beforeEach(async ({ page }) => {
  // Any page of the origin will do; this one connects to nothing by itself.
  await page.goto(`${server.url}/no-such-page`);
  await page.evaluate(() => Object.assign(globalThis, { received: [], closings: [], opened: 0 }));
});

/** A run with three lines: `Job run started`, `one`, `two`. */
async function startRun(id: string): Promise<void> {
  await createRun(server.url, id);
  await postLines(server.url, id, [{ message: 'one', task_name: 'http_request_task' }, 'two']);
}

interface Heard {
  received: Array<{ message: string; job_run_id: string; task_name?: string }>;
  closings: Array<{ code: number; reason: string }>;
  opened: number;
}

/** What the page has heard so far. */
function hear(page: Page): Promise<Heard> {
  return page.evaluate(() => {
    const { received, closings, opened } = globalThis as typeof globalThis & Heard;
    return { received, closings, opened };
  });
}

async function messages(page: Page): Promise<string[]> {
  return (await hear(page)).received.map(({ message }) => message);
}

test('WebSocket: every message is one line of the run, and the close tells its end', async ({ page }) => {
  await startRun('abc-123');
  await page.evaluate((port) => {
    const heard = globalThis as typeof globalThis & Heard;
    const ws = new WebSocket(`ws://localhost:${port}/api/v1/logs/stream/ws?job_run_id=abc-123`);
    ws.onmessage = (event) => {
      const logMessage = JSON.parse(event.data);
      heard.received.push(logMessage);
    };
    ws.onclose = ({ code, reason }) => heard.closings.push({ code, reason });
  }, server.port);
  await expect.poll(() => messages(page)).toEqual(['Job run started', 'one', 'two']);
  expect((await hear(page)).received[1]).toMatchObject({
    job_run_id: 'abc-123',
    level: 'info',
    stream: 'stdout',
    task_name: 'http_request_task',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\d{3})?Z$/),
  });
  await postLines(server.url, 'abc-123', ['three']);
  await expect.poll(() => messages(page)).toEqual(['Job run started', 'one', 'two', 'three']);
  await finishRun(server.url, 'abc-123');
  await expect.poll(async () => (await hear(page)).closings).toEqual([{ code: 1000, reason: 'completed' }]);
});

test('WebSocket: without a run it hears all runs from now on', async ({ page }) => {
  await startRun('earlier-run');
  await page.evaluate((port) => {
    const heard = globalThis as typeof globalThis & Heard;
    const ws = new WebSocket(`ws://localhost:${port}/api/v1/logs/stream/ws`);
    ws.onopen = () => {
      heard.opened += 1;
    };
    ws.onmessage = (event) => {
      const log = JSON.parse(event.data);
      const logElement = document.createElement('div');
      logElement.textContent = `[${log.timestamp}] [${log.level}] ${log.message}`;
      document.body.appendChild(logElement);
    };
  }, server.port);
  await expect.poll(async () => (await hear(page)).opened).toBe(1);
  await postLines(server.url, 'another-run', [{ message: 'from another run', level: 'warn' }]);
  await postLines(server.url, 'earlier-run', ['from an earlier run']);
  await expect(page.locator('body > div', { hasText: '[warn] from another run' })).toBeVisible();
  await expect(page.locator('body > div', { hasText: '[info] from an earlier run' })).toBeVisible();
  await expect(page.getByText('] two')).toHaveCount(0);
});

test('WebSocket: a run that does not exist closes with a code that says so', async ({ page }) => {
  await page.evaluate(() => {
    const heard = globalThis as typeof globalThis & Heard;
    const ws = new WebSocket(`ws://${location.host}/api/v1/logs/stream/ws?job_run_id=no-such-run`);
    ws.onclose = ({ code, reason }) => heard.closings.push({ code, reason });
  });
  await expect.poll(async () => (await hear(page)).closings.map(({ code }) => code)).toEqual([4504]);
});

test.describe('with outages', () => {
  test.use({ outages: true });

  test('EventSource: comes back by itself over restarts, each line once, and stops at the run’s end', async ({
    page,
  }) => {
    await startRun('def-456');
    const stops: number[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/stream/sse') && response.status() === 204) stops.push(204);
    });
    await page.evaluate(() => {
      const heard = globalThis as typeof globalThis & Heard & { source: EventSource };
      const eventSource = new EventSource('/api/v1/logs/stream/sse?job_run_id=def-456');
      heard.source = eventSource;
      eventSource.addEventListener('log', (event) => {
        const logMessage = JSON.parse(event.data);
        heard.received.push(logMessage);
      });
      eventSource.addEventListener('open', () => {
        heard.opened += 1;
      });
    });
    const expected = ['Job run started', 'one', 'two'];
    await expect.poll(() => messages(page)).toEqual(expected);

    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const { opened } = await hear(page);
      await server.stop(signal);
      await server.startAgain();
      const line = `after ${signal}`;
      await postLines(server.url, 'def-456', [line]);
      expected.push(line);
      await expect.poll(() => messages(page), { timeout: 20_000 }).toEqual(expected);
      expect((await hear(page)).opened).toBeGreaterThan(opened);
    }

    await finishRun(server.url, 'def-456', { status: 'failed', exit_code: 1 });
    await expect.poll(() => stops).toEqual([204]);
    const readState = () =>
      page.evaluate(() => (globalThis as typeof globalThis & { source: EventSource }).source.readyState);
    await expect.poll(readState).toBe(2);
    expect(await messages(page)).toEqual([...expected, expect.stringContaining('failed')]);
  });
});
