import { expect } from '@playwright/test';
import { test } from './browser-test';
import { FAILED_RUN, FIRST_ERROR, makeDeployRuns } from './deploy-runs';
import { passFrames, untilIdle } from './interactive';
import { LogPage } from './log-page';
import { createRun, createTask, finishRun, finishTask, postLines } from './rest-client';
import { COUNTING_ERROR, fillRetriedRun, RETRIED_LINES } from './retried-run';
import { StratalServer } from './stratal-server';

/** A failed run's first error: where its page shows it, and what leads to it. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  await makeDeployRuns(server.url);
});

test.afterAll(async () => {
  await server.close();
});

test('a failed run shows the first error line of the task that failed for good, which leads to the log', async ({
  page,
}) => {
  const log = new LogPage(page);
  await log.open(server.url, FAILED_RUN);
  const panel = page.getByRole('region', { name: 'First error line' });
  await expect(panel.getByRole('listitem')).toHaveText([
    /browser tests step 8$/,
    /browser tests step 9$/,
    /browser tests step 10$/,
    /Error: tests-1 broke$/,
    /Job run failed/,
  ]);
  await expect(panel.locator('[aria-current]')).toContainText('Error: tests-1 broke');
  await expect(panel).toContainText('in browser tests');
  await panel
    .getByRole('link', { name: `line ${FIRST_ERROR}`, exact: true })
    .last()
    .click();
  await expect(page).toHaveURL(new RegExp(`#L${FIRST_ERROR}$`));
  await expect(log.row(FIRST_ERROR)).toHaveAttribute('data-selected', '');
  await panel.getByText('First error line').click();
  await expect(panel.getByRole('listitem').first()).toBeHidden();
});

test('a run that fails while it is watched shows its first error, and the tab follows', async ({ page }) => {
  await createRun(server.url, 'failing-run', { job_name: 'nightly' });
  await postLines(server.url, 'failing-run', ['fine', { message: 'no such table', level: 'error' }, 'after']);
  const log = new LogPage(page);
  await log.open(server.url, 'failing-run');
  const icon = page.locator('link[rel="icon"]');
  await expect(page).toHaveTitle('● nightly – running · Stratal');
  await expect(icon).toHaveAttribute('href', '/tab-icons/running.svg');
  const panel = page.getByRole('region', { name: 'First error line' });
  await expect(panel).toHaveCount(0);

  await finishRun(server.url, 'failing-run', { status: 'failed', signal: 'SIGKILL' });
  await expect(panel.locator('[aria-current]')).toContainText('no such table');
  await expect(page).toHaveTitle('✗ nightly – failed · Stratal');
  await expect(icon).toHaveAttribute('href', /\/tab-icons\/failed\.svg$/);
  await expect(page.locator('main header')).toContainText('SIGKILL, killed');
  expect((await page.request.get(`${server.url}/tab-icons/failed.svg`)).headers()['content-type']).toContain('svg');
});

test('#error leads to the error of the attempt that failed for good, also where the run fails while it is watched', async ({
  page,
}) => {
  await fillRetriedRun(server.url, 'retried-run');
  const log = new LogPage(page);
  await log.open(server.url, 'retried-run');
  await finishRun(server.url, 'retried-run', { status: 'failed', exit_code: 1 });
  await expect(log.state).toHaveText(/Ended/);
  await page.evaluate(() => {
    location.hash = '#error';
  });
  await expect(log.row(COUNTING_ERROR)).toBeInViewport();
  await page.evaluate(() => {
    location.hash = '#end';
  });
  await expect(log.row(RETRIED_LINES)).toBeInViewport();
});

test('a reader who watched a run fail stays at its end, also when the server renders the page anew', async ({
  page,
}) => {
  await fillRetriedRun(server.url, 'watched-failure');
  const log = new LogPage(page);
  await log.open(server.url, 'watched-failure');
  await finishRun(server.url, 'watched-failure', { status: 'failed', exit_code: 1 });
  await expect(page.getByRole('region', { name: 'First error line' })).toBeVisible();
  const rendered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await rendered;
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await untilIdle(page);
  await passFrames(page, 10);
  await expect(log.row(RETRIED_LINES)).toBeInViewport();
});

test('a failed run of many tasks opens at the first error of the attempt that failed for good', async ({ page }) => {
  const id = 'many-tasks';
  await createRun(server.url, id);
  const tasks = Array.from({ length: 250 }, (_, index) => ({ message: 'a line', task_name: `task ${index}` }));
  await postLines(server.url, id, tasks);
  // The retried attempt is among the first tasks, the one that counts comes after hundreds.
  await createTask(server.url, id, 'many-1', 'task 0');
  await postLines(server.url, id, [{ message: 'retried', task_name: 'task 0', level: 'error' }]);
  await finishTask(server.url, 'many-1', { status: 'failed', exit_code: 1 });
  await createTask(server.url, id, 'many-2', 'task 0');
  await postLines(server.url, id, [
    ...Array.from({ length: 2000 }, () => ({ message: 'a line', task_name: 'task 0' })),
    { message: 'for good', task_name: 'task 0', level: 'error' },
  ]);
  await finishTask(server.url, 'many-2', { status: 'failed', exit_code: 1 });
  await finishRun(server.url, id, { status: 'failed', exit_code: 1 });
  const log = new LogPage(page);
  await log.open(server.url, id);
  await expect(page.getByRole('region', { name: 'First error line' }).locator('[aria-current]')).toContainText(
    'for good',
  );
  await expect(log.rowsWith('for good')).toBeInViewport();
  const tasksShown = page.getByRole('complementary', { name: 'Tasks and details' }).locator('[data-task]');
  await page.getByRole('button', { name: 'Show all 250 tasks' }).click();
  await expect(tasksShown).toHaveCount(252);
});

test('a failed run without an error line of its own has no such panel', async ({ page }) => {
  await createRun(server.url, 'quiet-failure');
  await finishRun(server.url, 'quiet-failure', { status: 'failed', exit_code: 1 });
  await new LogPage(page).open(server.url, 'quiet-failure');
  await expect(page.getByRole('region', { name: 'First error line' })).toHaveCount(0);
});
