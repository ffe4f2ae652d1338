import { expect, type Locator } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, type PostedLine, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** How a run's lines fold: groups of each format, repeats, attempts that were tried again, and silences. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

const numbered = (text: string, count: number) => Array.from({ length: count }, (_, index) => `${text} ${index + 1}`);

/** A run that is over, whose line n is the n-th of these. */
async function makeRun(id: string, lines: ReadonlyArray<PostedLine | string>): Promise<void> {
  await postLines(server.url, id, lines);
  await finishRun(server.url, id, { exit_code: 0 });
}

function header(log: LogPage, title: string | RegExp): Locator {
  return log.list.getByRole('button', { name: title });
}

async function chooseView(log: LogPage, item: string): Promise<void> {
  await log.page.getByRole('button', { name: 'View', exact: true }).click();
  await log.page.getByRole(/^(Fold|Wrap)/.test(item) ? 'menuitemcheckbox' : 'menuitem', { name: item }).click();
  await log.page.keyboard.press('Escape');
  await expect(log.page.getByRole('menu')).toHaveCount(0);
}

const GITHUB: (PostedLine | string)[] = [
  'before',
  '::group::Install',
  'installing one',
  { message: 'old version', level: 'warn' },
  '::endgroup::',
  '##[group]Test',
  '::group::Units',
  { message: 'unit failed', level: 'error' },
  '::endgroup::',
  '::group::Lints',
  'no lints',
  '::endgroup::',
  '##[endgroup]',
  'after',
];

test('GitHub’s groups of a run that is over are closed, count what is inside and nest; an error opens them', async ({
  page,
}) => {
  const log = new LogPage(page);
  await makeRun('groups-github', GITHUB);
  await log.open(server.url, 'groups-github');
  await expect(header(log, /^Install/)).toHaveAttribute('aria-expanded', 'false');
  await expect(header(log, /^Install/)).toHaveText(/1 warning2 lines/);
  await expect(log.rowsWith('installing one')).toHaveCount(0);
  await expect(log.list).not.toContainText('endgroup');

  await expect(header(log, /^Test/)).toHaveAttribute('aria-expanded', 'true');
  await expect(header(log, /^Test/)).toHaveText(/1 error2 lines/);
  await expect(header(log, /^Units/)).toHaveAttribute('aria-expanded', 'true');
  await expect(log.rowsWith('unit failed')).toBeInViewport();
  await expect(header(log, /^Lints/)).toHaveAttribute('aria-expanded', 'false');
  await expect(log.rowsWith('after')).toBeInViewport();
});

test('a group opens and closes by click and by key, and its number is its link', async ({ page }) => {
  const log = new LogPage(page);
  await makeRun('groups-keys', GITHUB);
  await log.open(server.url, 'groups-keys');
  const install = header(log, /^Install/);
  const inside = log.rowsWith('installing one');
  await install.click();
  await expect(inside).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(inside).toHaveCount(0);
  await page.keyboard.press('ArrowRight');
  await expect(inside).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(inside).toHaveCount(0);
  await page.keyboard.press('Space');
  await expect(inside).toBeVisible();
  await expect(install).toBeFocused();

  // What has an error stays closed once it was closed by hand.
  await header(log, /^Units/).click();
  await expect(log.rowsWith('unit failed')).toHaveCount(0);

  await log.row(2).getByRole('link').click();
  await expect(page).toHaveURL(/#L2$/);
  await expect(log.row(2)).toHaveAttribute('data-selected', '');
});

test('GitLab’s sections and Buildkite’s headers are open or closed as they ask', async ({ page }) => {
  const log = new LogPage(page);
  await makeRun('groups-gitlab', [
    'section_start:1560896352:prepare[collapsed=true]\r\x1b[0KPreparing',
    'prepared',
    'section_end:1560896353:prepare\r\x1b[0Ksection_start:1560896353:script[collapsed=false]\r\x1b[0K\x1b[36;1mScript\x1b[0;m',
    'scripted',
    'section_end:1560896353:script\r\x1b[0K',
    'done',
  ]);
  await log.open(server.url, 'groups-gitlab');
  await expect(header(log, /^Preparing/)).toHaveAttribute('aria-expanded', 'false');
  await expect(header(log, /^Script/)).toHaveAttribute('aria-expanded', 'true');
  await expect(log.rowsWith('scripted')).toBeVisible();
  await expect(log.rowsWith('prepared')).toHaveCount(0);
  await expect(log.list).not.toContainText('section_');

  await makeRun('groups-buildkite', [
    '~~~ Hooks',
    'hooked',
    '--- Build',
    'built',
    '+++ Test',
    'tested',
    '--- Report',
    'reported',
  ]);
  await log.open(server.url, 'groups-buildkite');
  await expect(header(log, /^Hooks/)).toHaveAttribute('aria-expanded', 'false');
  await expect(header(log, /^Build/)).toHaveAttribute('aria-expanded', 'false');
  await expect(header(log, /^Test/)).toHaveAttribute('aria-expanded', 'true');
  await expect(header(log, /^Report/)).toHaveAttribute('aria-expanded', 'true');
});

test('a link to a line in a closed group opens it, also one to the marker that ends it', async ({ page }) => {
  const log = new LogPage(page);
  await makeRun('groups-link', [
    '::group::Long',
    ...numbered('inside', 600),
    '::endgroup::',
    '::group::Other',
    'other',
    '::endgroup::',
    ...numbered('outside', 30),
  ]);
  await log.open(server.url, 'groups-link');
  await expect(header(log, /^Other/)).toHaveAttribute('aria-expanded', 'false');
  await page.evaluate(() => {
    location.hash = '#L300';
  });
  await expect(log.row(300)).toBeInViewport();
  await expect(log.row(300)).toHaveAttribute('data-selected', '');

  await page.evaluate(() => {
    location.hash = '#L602';
  });
  await expect(log.row(602)).toBeInViewport();
  await expect(log.row(602).locator('.log-message')).toHaveText('::endgroup::');
  await expect(header(log, /^Other/)).toHaveAttribute('aria-expanded', 'false');

  await page.goto('about:blank');
  await log.open(server.url, 'groups-link', '#L604');
  await expect(log.row(604)).toBeInViewport();
  await expect(header(log, /^Other/)).toHaveAttribute('aria-expanded', 'true');
});

test('all groups open and close from the menu, and groups can be left out', async ({ page }) => {
  const log = new LogPage(page);
  await makeRun('groups-all', GITHUB);
  await log.open(server.url, 'groups-all');
  await chooseView(log, 'Collapse all groups');
  await expect(log.list.locator('[aria-expanded="true"]')).toHaveCount(0);
  await expect(log.list.locator('[aria-expanded="false"]')).toHaveCount(2);
  await chooseView(log, 'Expand all groups');
  await expect(log.list.locator('[aria-expanded="true"]')).toHaveCount(4);
  await expect(log.rowsWith('no lints')).toBeVisible();

  await chooseView(log, 'Fold groups');
  await expect(log.list.locator('[aria-expanded]')).toHaveCount(0);
  await expect(log.row(5).locator('.log-message')).toHaveText('::endgroup::');
  await page.getByRole('button', { name: 'View', exact: true }).click();
  await expect(page.getByRole('menuitem', { name: 'Expand all groups' })).toHaveCount(0);
});

test('a filter shows lines wherever they are', async ({ page }) => {
  const log = new LogPage(page);
  await makeRun('groups-filter', GITHUB);
  await log.open(server.url, 'groups-filter');
  await log.filterText.fill('installing');
  await expect(log.list.locator('[data-line] .log-message')).toHaveText(['installing one']);
  await log.filterText.fill('');
  await expect(header(log, /^Install/)).toHaveAttribute('aria-expanded', 'false');
});

test('groups of a run that goes on say so, stay open while they are written, and the list follows', async ({
  page,
}) => {
  const log = new LogPage(page);
  const id = 'groups-live';
  await createRun(server.url, id);
  await postLines(server.url, id, ['--- Build', ...numbered('built', 80)]);
  await log.open(server.url, id);
  await expect(log.rowsWith('built 80')).toBeInViewport();
  await postLines(server.url, id, numbered('more', 60));
  await expect(log.rowsWith('more 60')).toBeInViewport();

  await postLines(server.url, id, ['--- Test', 'tested 1']);
  await expect(log.rowsWith('tested 1')).toBeInViewport();
  await expect(header(log, /^Build/)).toHaveAttribute('aria-expanded', 'false');
  await expect(header(log, /^Build/)).toHaveText(/140 lines/);
  await expect(header(log, /^Test/)).toHaveText(/running/);
  await postLines(server.url, id, numbered('tested', 200));
  await expect(log.rowsWith('tested 200')).toBeInViewport();
  await expect(log.state).toHaveText(/Live/);
  await finishRun(server.url, id);
  await expect(log.list).toContainText('Run completed');
});

test('the beginning and the end of a long run of closed groups are reached', async ({ page }) => {
  test.setTimeout(120_000);
  const log = new LogPage(page);
  const lines = Array.from({ length: 300 }, (_, group) => [
    `::group::Step ${group + 1}`,
    ...numbered('line', 50),
    '::endgroup::',
  ]).flat();
  await makeRun('groups-long', lines);
  await log.open(server.url, 'groups-long');
  await expect(header(log, /^Step 300\D/)).toBeInViewport();
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.list).toContainText('Beginning of the log');
  await expect(header(log, /^Step 1\D/)).toBeInViewport();
  await page.keyboard.press('End');
  await expect(header(log, /^Step 300\D/)).toBeInViewport();

  // Turning the wheel alone gets there too, however little there is to scroll.
  await expect(async () => {
    await log.wheel(-2000);
    await expect(log.list).toContainText('Beginning of the log', { timeout: 100 });
    await expect(header(log, /^Step 1\D/)).toBeInViewport({ timeout: 100 });
  }).toPass({ timeout: 60_000 });
});

test('opening a group keeps its header where it is', async ({ page }) => {
  const log = new LogPage(page);
  await makeRun('groups-place', [
    ...numbered('before', 100),
    '::group::Wide',
    ...numbered('inside', 90),
    '::endgroup::',
    'end',
  ]);
  await log.open(server.url, 'groups-place');
  const wide = header(log, /^Wide/);
  await expect(wide).toBeInViewport();
  const top = async () => (await wide.boundingBox())?.y;
  const before = await top();
  await wide.click();
  await expect(log.rowsWith(/^\d+inside 1$/)).toBeInViewport();
  expect(await top()).toBe(before);
  await wide.click();
  await expect(log.rowsWith('inside')).toHaveCount(0);
  await expect(wide).toBeInViewport();
});

test('adjacent repeats fold where asked, and open', async ({ page }) => {
  const log = new LogPage(page);
  await makeRun('repeats', ['begin', ...numbered('waiting for the database, try', 40), 'connected']);
  await log.open(server.url, 'repeats');
  await expect(log.rowsWith('try 40')).toHaveCount(1);
  await chooseView(log, 'Fold repeats');
  const button = log.list.getByRole('button', { name: '40 lines like this' });
  await expect(button).toHaveText('× 40');
  await expect(log.rowsWith('waiting')).toHaveCount(1);
  await button.click();
  await expect(log.rowsWith('try 40')).toHaveCount(1);
  await button.click();
  await expect(log.rowsWith('waiting')).toHaveCount(1);
  await page.reload();
  await expect(button).toBeVisible();
});

test('an attempt that was tried again is one row, which opens', async ({ page }) => {
  const log = new LogPage(page);
  const id = 'attempts';
  await createRun(server.url, id);
  const attempt = async (task: string) => {
    const response = await fetch(`${server.url}/api/v1/task-runs`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: task, job_run_id: id, task_name: 'build' }),
    });
    expect(response.status).toBe(201);
  };
  await attempt('build-1');
  await postLines(server.url, id, [
    { message: 'compiling', task_name: 'build' },
    { message: 'out of memory', level: 'error', task_name: 'build' },
  ]);
  await attempt('build-2');
  await postLines(server.url, id, [{ message: 'compiled', task_name: 'build' }]);
  await log.open(server.url, id);
  const first = header(log, /^build, attempt 1/);
  await expect(first).toHaveText(/1 error2 linesrunning/);
  await expect(log.rowsWith('out of memory')).toHaveCount(0);
  await expect(log.rowsWith('compiled')).toBeVisible();
  await first.click();
  await expect(log.rowsWith('out of memory')).toBeVisible();

  await log.open(server.url, id, '#L3');
  await expect(log.row(3)).toBeInViewport();
});

test('a long silence is told', async ({ page }) => {
  const log = new LogPage(page);
  const at = (message: string, seconds: number) => ({
    message,
    timestamp: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
  });
  await makeRun('gaps', [at('one', 0), at('two', 5), at('three', 90), at('four', 30)]);
  await log.open(server.url, 'gaps');
  await expect(log.rowsWith('four')).toBeVisible();
  await expect(log.list.locator('.log-gap')).toHaveText(['1m 25s later']);
  await log.filterText.fill('/o|e/');
  await expect(log.list.locator('mark').first()).toBeVisible();
  await expect(log.list.locator('.log-gap')).toHaveCount(0);
});

test('without JavaScript groups are as they begin, and the same when it takes over', async ({ browser }) => {
  await makeRun('groups-static', [...GITHUB, ...numbered('end', 5)]);
  const seen: unknown[] = [];
  for (const javaScriptEnabled of [false, true]) {
    const context = await browser.newContext({ javaScriptEnabled });
    const log = new LogPage(await context.newPage());
    if (javaScriptEnabled) await log.open(server.url, 'groups-static');
    else await log.visit(server.url, 'groups-static');
    await expect(log.rowsWith('end 5')).toBeInViewport();
    await expect(header(log, /^Units/)).toHaveAttribute('aria-expanded', 'true');
    const first = await log.row(1).boundingBox();
    const last = await log.rowsWith('end 5').boundingBox();
    const texts = await log.list.locator('[data-line]').allTextContents();
    seen.push({ height: Math.round((last?.y ?? 0) - (first?.y ?? 0)), texts });
    await context.close();
  }
  expect(seen[0]).toEqual(seen[1]);
});
