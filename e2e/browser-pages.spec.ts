import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type Page } from '@playwright/test';
import { accessibilityFindings } from './accessibility';
import { test } from './browser-test';
import { untilInteractive } from './interactive';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** The pages around the log: lists that change by themselves, and what every page owes to its readers. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

// First, while the database is empty.
test('an empty instance tells how to make the first run, which then appears by itself', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(server.url);
  await expect(page.getByText('No runs yet')).toBeVisible();
  const copy = page.getByRole('button', { name: 'Copy command' }).last();
  await untilInteractive(copy);
  await copy.click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toMatch(/^curl /);
  await promisify(execFile)('sh', ['-c', command]);
  await expect(page.locator('[data-run]')).toHaveCount(1);
  await expect(page.getByText('No runs yet')).toHaveCount(0);
});

test('a run without lines says that it waits for them', async ({ page }) => {
  await createRun(server.url, 'silent-run', { status: 'pending' });
  const log = new LogPage(page);
  await log.open(server.url, 'silent-run');
  await expect(log.list).toContainText('Waiting for the first line…');
  await postLines(server.url, 'silent-run', ['at last']);
  await expect(log.rowsWith('at last')).toBeVisible();
});

test('the list of runs changes by itself: new runs, counts and outcomes', async ({ page }) => {
  await createRun(server.url, 'listed-run');
  await page.goto(server.url);
  const row = page.locator('[data-run="listed-run"]');
  await expect(row.locator('[data-status="running"]').last()).toBeVisible();
  await expect(row.getByTitle('1', { exact: true })).toBeVisible();

  await postLines(server.url, 'listed-run', ['one', 'two', { message: 'three', level: 'error' }]);
  await expect(row.getByTitle('4', { exact: true })).toBeVisible();
  await finishRun(server.url, 'listed-run', { status: 'failed', exit_code: 2 });
  await expect(row.locator('[data-status="failed"]').last()).toBeVisible();
  await expect(row.locator('[title="exit code 2"]')).toHaveCount(1);

  await createRun(server.url, 'arriving-run');
  await expect(page.locator('[data-run="arriving-run"]')).toHaveCount(0);
  await page.getByRole('button', { name: '1 new run' }).click();
  await expect(page.locator('[data-run]').first()).toHaveAttribute('data-run', 'arriving-run');
});

test('what changed while a page was connecting is shown', async ({ page, context }) => {
  let connect = () => {};
  const mayConnect = new Promise<void>((resolve) => {
    connect = resolve;
  });
  await context.routeWebSocket(/socket\.io/, async (socket) => {
    await mayConnect;
    socket.connectToServer();
  });
  await createRun(server.url, 'changing-run');
  const runPage = await context.newPage();
  await page.goto(server.url);
  await runPage.goto(`${server.url}/job-runs/changing-run`);
  const row = page.locator('[data-run="changing-run"]');
  await expect(row.locator('[data-status="running"]').last()).toBeVisible();
  await expect(runPage.locator('[data-status="running"]').first()).toBeVisible();
  await finishRun(server.url, 'changing-run', { status: 'failed', exit_code: 9 });
  connect();
  await expect(row.locator('[data-status="failed"]').last()).toBeVisible();
  await expect(runPage.getByText('exit code 9').first()).toBeVisible();
});

test('the list is searched by name and filtered by status', async ({ page }) => {
  await createRun(server.url, 'needle-run');
  await createRun(server.url, 'ended-run');
  await finishRun(server.url, 'ended-run', { status: 'canceled' });
  await page.goto(server.url);
  await expect(page.locator('[data-run="ended-run"]')).toBeVisible();
  const search = page.getByLabel('Search job name or id');
  await untilInteractive(search);
  await search.fill('needle');
  await expect(page.locator('[data-run]')).toHaveCount(1);
  await expect(page.locator('[data-run="needle-run"]')).toBeVisible();
  await search.fill('');
  await page.getByRole('button', { name: 'Status' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Canceled' }).click();
  await expect(page.locator('[data-run]')).toHaveCount(1);
  await expect(page.locator('[data-run="ended-run"]')).toBeVisible();
  await expect(page).toHaveURL(/status=canceled/);
});

test('the live page shows lines of several runs as they are stored, each with its run', async ({ page }) => {
  await createRun(server.url, 'live-a', { job_name: 'job A' });
  await createRun(server.url, 'live-b', { job_name: 'job B' });
  await page.goto(`${server.url}/live`);
  const log = new LogPage(page);
  await expect(log.state).toHaveText(/Live/);
  await postLines(server.url, 'live-a', ['from a']);
  await expect(log.rowsWith('from a')).toBeInViewport();
  await postLines(server.url, 'live-b', ['from b']);
  await expect(log.rowsWith('from b')).toBeInViewport();
  await expect(log.rowsWith('from a')).toContainText('job A');
  await expect(log.rowsWith('from b').getByRole('link', { name: 'job B' })).toHaveAttribute('href', '/job-runs/live-b');
  await log.rowsWith('from b').getByRole('link', { name: 'Line 2' }).click();
  await expect(page).toHaveURL(`${server.url}/job-runs/live-b#L2`);
  await expect(log.row(2)).toHaveAttribute('data-selected', '');
});

test('the status page counts a reader while the reader is there', async ({ page, context }) => {
  await createRun(server.url, 'read-run', { job_name: 'job that is read' });
  await page.goto(`${server.url}/status`);
  await expect(page.getByText('Active')).toBeVisible();
  const row = page.getByRole('row', { name: /job that is read/ });
  await expect(row).toHaveCount(0);

  const reader = new LogPage(await context.newPage());
  await reader.open(server.url, 'read-run');
  await expect(reader.state).toHaveText(/Live/);
  await expect(row.getByRole('cell')).toHaveText(['0', '0', '1']);
  await reader.page.close();
  await expect(row).toHaveCount(0);
});

test('addresses that lead nowhere say so, with a way back', async ({ page }) => {
  for (const { path, title } of [
    { path: '/job-runs/no-such-run', title: 'No such run' },
    { path: '/job-runs/%20not%20an%20id', title: 'No such run' },
    { path: '/no-such-page', title: 'Nothing here' },
  ]) {
    const answer = await page.goto(`${server.url}${path}`);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    await expect(page.getByRole('link', { name: 'All runs' })).toHaveAttribute('href', '/');
  }
});

test('a chosen theme is kept, and rendered by the server', async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(server.url);
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await background()).not.toBe(light);

  const choice = page.getByRole('button', { name: 'Theme: system' });
  await untilInteractive(choice);
  await choice.click();
  const saved = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('menuitemradio', { name: 'Light' }).click();
  await expect.poll(background).toBe(light);
  await saved;
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  expect(await background()).toBe(light);
  const html = await page.request.get(server.url);
  expect(await html.text()).toContain('data-theme="light"');
});

const PAGES = ['/', '/?q=nothing-has-this', '/live', '/status', '/job-runs/shown-run', '/job-runs/no-such-run'];

async function prepareShownRun(): Promise<void> {
  await createRun(server.url, 'shown-run', { triggered_by: 'somebody', metadata: { commit: 'a'.repeat(80) } });
  await postLines(server.url, 'shown-run', [
    'plain',
    { message: 'a warning', level: 'warn', task_name: 'build' },
    { message: 'an error', level: 'error', stream: 'stderr', task_name: 'build' },
    { message: 'noise', level: 'debug', task_name: 'test' },
    Array.from({ length: 16 }, (_, code) => `\u001b[${code < 8 ? 30 + code : 82 + code}mcolour ${code}\u001b[0m`).join(
      ' ',
    ),
    `unbroken-${'x'.repeat(3000)}`,
  ]);
}

/** Opens one of PAGES and waits until it is alive. */
async function openPage(page: Page, path: string): Promise<void> {
  await page.goto(`${server.url}${path}`);
  await expect(page.getByRole('button', { name: /^Theme/ })).toBeVisible();
  if (path === '/live' || path.endsWith('shown-run')) await expect(new LogPage(page).state).toHaveText(/Live/);
  if (path === '/status') await expect(page.getByText('Active')).toBeVisible();
}

test.describe('on every page', () => {
  test.beforeAll(prepareShownRun);

  for (const theme of ['light', 'dark'] as const) {
    for (const path of PAGES) {
      test(`accessibility of ${path} has no violation in the ${theme} theme`, async ({ page }) => {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await openPage(page, path);
        expect(await accessibilityFindings(page)).toEqual([]);
      });
    }
  }

  test('a phone’s width needs no sideways scrolling', async ({ page }) => {
    await page.setViewportSize({ width: 375, height: 700 });
    for (const path of PAGES) {
      await openPage(page, path);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(`${path}: ${overflow}`).toBe(`${path}: 0`);
    }
  });
});
