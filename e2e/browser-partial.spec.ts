import { expect, type Locator } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Lines that their program has not ended yet, for a reader who does something with them. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

/** A running run of so many lines besides the server's, followed, and how to write an unfinished one. */
async function openRun(
  log: LogPage,
  id: string,
  lines: readonly string[],
): Promise<(message: string) => Promise<void>> {
  await createRun(server.url, id);
  await postLines(server.url, id, lines);
  await log.open(server.url, id);
  return (message) => postLines(server.url, id, [{ message, partial: true }]);
}

test('in a run of several tasks an unfinished line names its own, and stands where its line will', async ({ page }) => {
  const log = new LogPage(page);
  const id = 'partial-of-tasks';
  await createRun(server.url, id);
  const end = { message: 'the end', task_name: 'test' };
  await postLines(server.url, id, [{ message: 'a', task_name: 'build' }, end]);
  await log.open(server.url, id);
  await postLines(server.url, id, [{ message: 'Downloading', task_name: 'test', partial: true }]);
  await expect(log.partial.locator('.log-label')).toHaveText('test');
  const left = (row: Locator) =>
    row.locator('.log-message').evaluate((element) => Math.round(element.getBoundingClientRect().left));
  expect(await left(log.partial)).toBe(await left(log.row(3)));
});

test('selected text of an unfinished line stays as it is while the line goes on and lines arrive', async ({ page }) => {
  const log = new LogPage(page);
  const write = await openRun(
    log,
    'partial-selected',
    Array.from({ length: 200 }, (_, index) => `line ${index + 2}`),
  );
  await postLines(server.url, 'partial-selected', [{ message: 'on stderr', stream: 'stderr' }]);
  await write('Downloading 10%');
  await expect(log.partial).toContainText('Downloading 10%');
  await log.partial.locator('.log-message').dblclick({ position: { x: 10, y: 8 } });
  await expect(log.state).toHaveText(/Paused/);
  const place = await log.partial.boundingBox();
  await write('Downloading 60%');
  // Of another stream: it does not end the line.
  await postLines(
    server.url,
    'partial-selected',
    Array.from({ length: 30 }, () => ({ message: 'later', stream: 'stderr' })),
  );
  await expect(page.getByRole('button', { name: /30 new lines/ })).toContainText('Held while text is selected');
  expect(await page.evaluate(() => document.getSelection()?.toString().trim())).toBe('Downloading');
  await expect(log.partial).toContainText('Downloading 10%');
  expect((await log.partial.boundingBox())?.y).toBe(place?.y);
  await page.evaluate(() => document.getSelection()?.removeAllRanges());
  await expect(log.partial).toContainText('Downloading 60%');
  await expect(log.rowsWith('later').last()).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
});

test('… also where the page holds as many lines as it may, and until the reader goes elsewhere', async ({ page }) => {
  const log = new LogPage(page);
  const id = 'partial-full';
  const write = await openRun(log, id, ['first']);
  for (let part = 0; part < 8; part++) {
    await postLines(
      server.url,
      id,
      Array.from({ length: 500 }, (_, index) => `line ${part * 500 + index + 3}`),
    );
  }
  await expect(log.row(4002)).toBeInViewport();
  await postLines(server.url, id, [{ message: 'on stderr', stream: 'stderr' }]);
  await write('Downloading 10%');
  await expect(log.partial).toContainText('Downloading 10%');
  await log.partial.locator('.log-message').dblclick({ position: { x: 10, y: 8 } });
  await expect(log.state).toHaveText(/Paused/);
  await postLines(server.url, id, [{ message: 'later', stream: 'stderr' }]);
  await expect(page.getByRole('button', { name: /1 new line/ })).toContainText('Held while text is selected');
  await write('Downloading 60%');
  expect(await page.evaluate(() => document.getSelection()?.toString().trim())).toBe('Downloading');
  await expect(log.partial).toContainText('Downloading 10%');
  // Scrolling up asks for nothing: a list that stands still has no room for it.
  const pages: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes(`/logs/job-runs/${id}?`)) pages.push(request.url());
  });
  await log.wheel(-50_000);
  await expect(log.row(4002)).not.toBeInViewport();
  await page.keyboard.press('g');
  await expect(log.row(1)).toBeInViewport();
  expect(pages.length).toBeLessThan(10);
});

test('behind a group’s end an unfinished line stands outside the group', async ({ page }) => {
  const log = new LogPage(page);
  const write = await openRun(log, 'partial-depth', ['::group::Fetch', 'inside', '::endgroup::']);
  await expect(log.rowsWith('inside')).toBeVisible();
  await write('Downloading 10%');
  await expect(log.partial).toContainText('Downloading');
  const left = (row: ReturnType<typeof log.rowsWith>) =>
    row.locator('.log-message').evaluate((text) => Math.round(text.getBoundingClientRect().left));
  expect(await left(log.partial)).toBe(await left(log.rowsWith('Job run started')));
  expect(await left(log.partial)).toBeLessThan(await left(log.rowsWith('inside')));
});
