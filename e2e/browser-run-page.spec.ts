import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { connectPlainly, type Sql } from '@/lib/store/database';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import { accessibilityFindings } from './accessibility';
import { test } from './browser-test';
import { FAILED_RUN, FIRST_ERROR, makeDeployRuns } from './deploy-runs';
import { untilInteractive } from './interactive';
import { LogPage } from './log-page';
import { forgiveRefusals } from './page-faults';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** What a run's page tells beside its log, and what it does while the page is on the way, broken or without network. */

const BASE_URL = 'https://logs.example';

let database: TestDatabase;
let sql: Sql;
let server: StratalServer;

test.beforeAll(async () => {
  database = await openTestDatabase();
  sql = connectPlainly(database.options, 2, 'test');
  server = await StratalServer.start({ env: { ...database.environment, STRATAL_BASE_URL: BASE_URL } });
  await makeDeployRuns(server.url);
});

test.afterAll(async () => {
  await server.close();
  await sql.end();
  await database.drop();
});

async function openFailed(page: Page): Promise<LogPage> {
  const log = new LogPage(page);
  await log.open(server.url, FAILED_RUN);
  return log;
}

test('the header tells how a run ended, who began it, and its lines by level', async ({ page }) => {
  await openFailed(page);
  const header = page.locator('main header');
  await expect(header.locator('[data-status="failed"]')).toHaveText('Failed');
  for (const text of ['exit code 2', 'Took 3m 20s', 'by push by ada', '33 lines'])
    await expect(header).toContainText(text);
  await expect(header.getByRole('list', { name: 'Lines by level' }).getByRole('listitem')).toHaveText([
    '3 errors',
    '0 warnings',
    '26 info',
    '4 debug',
  ]);
});

test('tasks lie on the time axis of their run, and each attempt filters the log', async ({ page }) => {
  const log = await openFailed(page);
  const aside = page.getByRole('complementary', { name: 'Tasks and details' });
  await expect(aside.getByRole('heading', { name: '3 tasks' })).toBeVisible();
  const attempt = (id: string) => aside.locator(`[data-task="${id}"]`);
  const bar = (id: string) => attempt(id).locator('[data-bar]');
  await expect(bar('checkout-1')).toHaveAttribute('style', 'margin-left:0%;width:10%');
  await expect(bar('build-2')).toHaveAttribute('style', 'margin-left:30%;width:20%');
  await expect(bar('tests-1')).toHaveAttribute('style', 'margin-left:50%;width:40%');
  await expect(attempt('build-1')).toHaveText(/^Failedbuild attempt 1superseded40s7 lines1 error\+20s/);
  await expect(attempt('tests-1')).toHaveText(/^Failedbrowser tests1m 20s11 lines1 error\+1m 40s/);

  await attempt('build-1').click();
  await expect(attempt('build-1')).toHaveAttribute('aria-pressed', 'true');
  await expect(page).toHaveURL(/task=build-1/);
  await expect(log.list.locator('[data-line]')).toHaveCount(7);
  await attempt('build-1').press('Space');
  await expect(attempt('build-1')).toHaveAttribute('aria-pressed', 'false');
});

test('a run of two hundred tasks lists them all, also those whose times nobody told', async ({ page }) => {
  await createRun(server.url, 'wide-run');
  const lines = Array.from({ length: 200 }, (_, index) => ({ message: 'a line', task_name: `task ${index + 1}` }));
  await postLines(server.url, 'wide-run', lines);
  await new LogPage(page).open(server.url, 'wide-run');
  const aside = page.getByRole('complementary', { name: 'Tasks and details' });
  await expect(aside.locator('[data-task]')).toHaveCount(200);
  await aside.locator('[data-task]').last().press('Enter');
  await expect(aside.locator('[data-task]').last()).toBeInViewport();
  await expect(aside.locator('[data-task]')).toHaveCount(200);
});

test('metadata are links where they are addresses, fold where they are long, and can be copied', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openFailed(page);
  const aside = page.getByRole('complementary', { name: 'Tasks and details' });
  await expect(aside.getByRole('link')).toHaveCount(1);
  await expect(aside.getByRole('link')).toHaveAttribute('href', 'https://git.example/shop/commit/9f2c1e');
  await expect(aside.getByRole('link')).toHaveAttribute('rel', /noopener/);
  const plan = aside.getByRole('group').filter({ hasText: 'step 59' });
  await expect(plan).not.toHaveAttribute('open');
  await plan.getByText('Show all 469 characters').click();
  await expect(plan.getByText('Show less')).toBeVisible();
  await aside.getByRole('button', { name: 'Copy commit' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('https://git.example/shop/commit/9f2c1e');
});

test('the runs of the same job before and after are one click away', async ({ page }) => {
  await openFailed(page);
  const runs = page.getByRole('navigation', { name: 'Runs of deploy' });
  const previous = runs.getByRole('link', { name: /^Previous run/ });
  await expect(previous).toHaveAttribute(
    'title',
    'Previous run of this job: completed, started 2026-01-31 09:00:00 UTC',
  );
  await expect(runs.getByRole('link', { name: /^Next run/ })).toHaveAttribute('href', '/job-runs/deploy-3');
  await previous.click();
  await expect(page).toHaveURL(`${server.url}/job-runs/deploy-1`);
  await expect(page).toHaveTitle('✓ deploy – completed · Stratal');
  await expect(runs.getByRole('link', { name: /^Previous run/ })).toHaveCount(0);
  await expect(runs.getByRole('link', { name: /^Next run/ })).toHaveAttribute('href', `/job-runs/${FAILED_RUN}`);
});

test('the next run is there as soon as it begins', async ({ page }) => {
  const log = new LogPage(page);
  const begin = (id: string, jobName: string) => createRun(server.url, id, { job_name: jobName, status: 'running' });
  await begin('watched-1', 'watched');
  await begin('watched-0', 'watched before');
  await log.open(server.url, 'watched-1');
  const next = page.getByRole('navigation', { name: 'Runs of watched' }).getByRole('link', { name: /^Next run/ });
  await begin('watched-other', 'watched backup');
  await begin('watched-2', 'watched');
  await begin('watched-3', 'watched');
  await expect(next).toHaveAttribute('href', '/job-runs/watched-2');
  await expect(next).toHaveAccessibleName(/^Next run of this job: running/);
  await finishRun(server.url, 'watched-2', { status: 'failed', exit_code: 1 });
  await expect(next).toHaveAccessibleName(/^Next run of this job: failed/);
});

test('a link’s preview names the run and how it ended', async ({ page }) => {
  await page.goto(`${server.url}/job-runs/${FAILED_RUN}`);
  const content = (name: string) =>
    page.locator(`meta[property="${name}"], meta[name="${name}"]`).getAttribute('content');
  const text = '33 lines · 3 errors · took 3m 20s · started 2026-01-31 10:00:00 UTC';
  expect(await content('og:title')).toBe('deploy · failed (exit code 2)');
  expect(await content('og:description')).toBe(text);
  expect(await content('og:type')).toBe('website');
  expect(await content('og:url')).toBe(`${BASE_URL}/job-runs/${FAILED_RUN}`);
  expect(await content('twitter:card')).toBe('summary');
  expect(await content('description')).toBe(`deploy · failed (exit code 2) · ${text}`);
});

test('a page on its way from another shows its outline; opened by its address it comes whole', async ({ page }) => {
  await page.goto(`${server.url}/?q=deploy`);
  const link = page.locator(`[data-run="${FAILED_RUN}"]`).getByRole('link');
  await untilInteractive(link);
  const skeleton = page.getByRole('status', { name: 'Loading the run' });
  await sql.begin(async (lock) => {
    await lock`lock table job_runs in access exclusive mode`;
    await link.click();
    await expect(skeleton).toBeVisible();
  });
  await expect(page.getByRole('heading', { level: 1, name: 'deploy' })).toBeVisible();
  await expect(skeleton).toHaveCount(0);
  const html = await (await page.request.get(`${server.url}/job-runs/${FAILED_RUN}`)).text();
  expect(html).not.toContain('aria-label="Loading the run"');
});

test('a page that could not be loaded can be tried again', async ({ page, faults }) => {
  await sql`alter table job_runs rename to job_runs_away`;
  try {
    await page.goto(`${server.url}/job-runs/${FAILED_RUN}`);
    await expect(page.getByRole('heading', { name: 'This run could not be loaded' })).toBeVisible();
    await page.goto(server.url);
    await expect(page.getByRole('heading', { name: 'This page could not be loaded' })).toBeVisible();
    await page.goto(`${server.url}/job-runs/${FAILED_RUN}`);
    await untilInteractive(page.getByRole('button', { name: 'Try again' }));
  } finally {
    await sql`alter table job_runs_away rename to job_runs`;
  }
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'deploy' })).toBeVisible();
  // The browser reports the answers themselves, and what the page caught.
  faults.length = 0;
});

test('an address of no run says what may have happened, and looks for runs', async ({ page }) => {
  const answer = await page.goto(`${server.url}/job-runs/no-such-run`);
  expect(answer?.status()).toBe(404);
  await expect(page.getByText('retention has removed it')).toBeVisible();
  await page.getByLabel('Search job name or id').fill('deploy-1');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.locator('[data-run]')).toHaveCount(1);
});

test('without network the page says that nothing is lost, until it is back', async ({ page, context }) => {
  await openFailed(page);
  const network = page.getByRole('status', { name: 'Network' });
  await expect(network).toHaveText('');
  await context.setOffline(true);
  await expect(network).toContainText('Nothing is lost');
  await context.setOffline(false);
  await expect(network).toHaveText('');
});

test.describe('the download menu', () => {
  /** Saves by one of the menu's entries. */
  async function saveAs(page: Page, entry: string): Promise<{ name: string; text: string }> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: entry }).click(),
    ]);
    return { name: download.suggestedFilename(), text: (await readFile(await download.path())).toString('latin1') };
  }

  test('saves the whole run, and tells its size beforehand', async ({ page }) => {
    await openFailed(page);
    await page.getByRole('button', { name: 'Download' }).click();
    await expect(page.getByRole('menuitemradio', { name: /^Whole run/ })).toHaveText(/\d+ B$/);
    await expect(page.getByRole('menuitemradio')).toHaveCount(1);
    const { name, text } = await saveAs(page, 'Plain text');
    expect(name).toBe(`stratal-${FAILED_RUN}.log`);
    expect(text.split('\n')).toHaveLength(32);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Compress with gzip' }).click();
    expect((await saveAs(page, 'JSON lines')).name).toBe(`stratal-${FAILED_RUN}.ndjson.gz`);
  });

  test('saves the lines that match the filter, counted beforehand where it can be', async ({ page, faults }) => {
    await page.goto(`${server.url}/job-runs/${FAILED_RUN}?level=error`);
    const button = page.getByRole('button', { name: 'Download' });
    await untilInteractive(button);
    await button.click();
    const filtered = page.getByRole('menuitemradio', { name: /^Matching lines/ });
    await expect(filtered).toContainText('3 matches');
    await filtered.click();
    const { text } = await saveAs(page, 'Text with times · UTC');
    expect(text.trimEnd().split('\n')).toHaveLength(3);

    await page.goto(`${server.url}/job-runs/${FAILED_RUN}?q=broke`);
    await untilInteractive(button);
    await button.click();
    await expect(filtered).toContainText('of the filter');

    // A text that is no filter filters nothing, and is no scope.
    await page.goto(`${server.url}/job-runs/${FAILED_RUN}?q=${encodeURIComponent('/(/')}`);
    await untilInteractive(button);
    await button.click();
    await expect(page.getByRole('menuitemradio', { name: /^Whole run/ })).toBeVisible();
    await expect(filtered).toHaveCount(0);
    // That the text is refused is what is looked at.
    forgiveRefusals(faults);
  });

  test('saves one task', async ({ page }) => {
    await openFailed(page);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('menuitem', { name: 'One task' }).press('ArrowRight');
    await page.getByRole('menuitemradio', { name: /^build, attempt 2/ }).press('Enter');
    const open = page.getByRole('menuitem', { name: 'Open in a tab' });
    await expect(open).toHaveAttribute('href', /task_run_id=build-2&format=raw&inline=1$/);
    const { text } = await saveAs(page, 'Plain text');
    expect(text).toBe(Array.from({ length: 8 }, (_, index) => `build step ${index + 1}\n`).join(''));
  });

  test('tells how far a large file is, where the browser lets it', async ({ page }) => {
    const line = 'x'.repeat(900_000);
    await createRun(server.url, 'large-run');
    for (let count = 0; count < 20; count++) await postLines(server.url, 'large-run', [line]);
    // The page itself shows the newest lines alone, and is small.
    await postLines(
      server.url,
      'large-run',
      Array.from({ length: 300 }, () => 'a'),
    );
    await finishRun(server.url, 'large-run', { exit_code: 0 });
    await page.addInitScript(() => {
      const saved = { bytes: 0, name: '' };
      Object.assign(window, {
        saved,
        showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
          saved.name = suggestedName;
          const write = (piece: Uint8Array) => {
            saved.bytes += piece.byteLength;
          };
          return { createWritable: async () => new WritableStream({ write }) };
        },
      });
    });
    await new LogPage(page).open(server.url, 'large-run');
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('menuitem', { name: 'Plain text' }).click();
    await expect(page.getByText('Saved stratal-large-run.log, 18 MB')).toBeVisible();
    expect(await page.evaluate(() => Reflect.get(window, 'saved'))).toEqual({
      bytes: 20 * 900_001 + 300 * 2,
      name: 'stratal-large-run.log',
    });
    await page.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByText('Saved stratal')).toHaveCount(0);
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('header, first error, tasks, metadata, neighbours and lines can be read', async ({ page }) => {
    await page.goto(`${server.url}/job-runs/${FAILED_RUN}`);
    await expect(page).toHaveTitle('✗ deploy – failed · Stratal');
    await expect(page.locator('main header')).toContainText('exit code 2');
    await expect(page.getByRole('region', { name: 'First error line' })).toContainText('Error: tests-1 broke');
    const aside = page.getByRole('complementary', { name: 'Tasks and details' });
    await expect(aside.locator('[data-task]')).toHaveCount(4);
    await aside.getByText(/^Show all/).click();
    await expect(aside.getByText('Show less')).toBeVisible();
    await expect(new LogPage(page).row(FIRST_ERROR)).toBeVisible();
    await page.getByRole('link', { name: /^Next run/ }).click();
    await expect(page).toHaveTitle('● deploy – running · Stratal');
  });
});

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1280, 375]) {
    test(`axe finds nothing on a failed run’s page, ${theme}, ${width} px wide`, async ({ page }) => {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await openFailed(page);
      if (width < 1024) await page.getByText('Tasks and details').click();
      expect(await accessibilityFindings(page)).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
    });
  }
}
