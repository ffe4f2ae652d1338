import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { readRun } from './rest-client';
import { StratalRun } from './run-command';
import { StratalServer } from './stratal-server';

/** One command's output, from the command through `stratal run` and the server to a browser. */

/** Producer and reader both wait between their attempts, the longer the more of them failed. */
const RECOVERY_MAX_MS = 40_000;

let server: StratalServer;
let run: StratalRun;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server.close();
});

test.afterEach(async () => {
  await run.close();
});

async function startRun(options: readonly string[] = []): Promise<StratalRun> {
  run = await StratalRun.startPuppet(server.url, options);
  // The page needs a run that the server knows.
  await expect
    .poll(() =>
      readRun(server.url, run.runId).then(
        ({ status }) => status,
        () => 'unknown',
      ),
    )
    .toBe('running');
  return run;
}

/** A run that has just started, and its page. */
async function openRun(page: Page): Promise<{ log: LogPage; command: StratalRun }> {
  const log = new LogPage(page);
  const command = await startRun();
  await log.open(server.url, command.runId);
  return { log, command };
}

test('a line is in sight before its command writes the next one', async ({ page }) => {
  const log = new LogPage(page);
  const command = await startRun(['--name', 'nightly-build']);
  await log.open(server.url, command.runId);
  await expect(page.getByRole('heading', { name: 'nightly-build' })).toBeVisible();
  await expect(log.state).toHaveText(/Live/);

  command.tell({ stdout: 'first line\n' });
  await expect(log.rowsWith('first line')).toBeInViewport();
  await expect(log.rowsWith('second line')).toHaveCount(0);

  command.tell({ stderr: 'second line, on stderr\n' });
  await expect(log.rowsWith('second line')).toBeInViewport();
  await expect(log.rowsWith('second line')).toHaveAttribute('data-stream', 'stderr');

  command.tell({ exit: 0 });
  expect(await command.exitCode).toBe(0);
  await expect(log.list).toContainText('Run completed');
  await expect(log.state).toHaveText(/Ended/);
});

test('a program’s colours and weights are shown, and its escapes are not', async ({ page }) => {
  const { log, command } = await openRun(page);
  command.tell({
    stdout: 'plain \u001b[31mred\u001b[0m \u001b[1mbold\u001b[22m \u001b[38;2;0;128;255mblue\u001b[0m end\n',
  });
  const row = log.rowsWith('plain');
  await expect(row.locator('.log-message')).toHaveText('plain red bold blue end');
  const plainColour = await row.evaluate((element) => getComputedStyle(element).color);
  await expect(row.getByText('red', { exact: true })).not.toHaveCSS('color', plainColour);
  await expect(row.getByText('bold', { exact: true })).toHaveCSS('font-weight', /^[67]00$/);
  await expect(row.getByText('blue', { exact: true })).not.toHaveCSS('color', plainColour);
});

test('an unfinished line is shown while it is written and becomes one line when it is ended', async ({ page }) => {
  const { log, command } = await openRun(page);
  command.tell({ stdout: 'Downloading 10%' });
  await expect(log.partial).toContainText('Downloading 10%');
  command.tell({ stdout: '\rDownloading 60%' });
  await expect(log.partial).toContainText('Downloading 60%');
  await expect(log.partial).not.toContainText('10%');

  // A filter holds for it as for other lines.
  await log.filterText.fill('elsewhere');
  await expect(log.partial).toHaveCount(0);
  await log.filterText.fill('Downloading');
  command.tell({ stdout: '\rDownloading 70%' });
  await expect(log.partial).toContainText('Downloading 70%');
  // It goes with its line, also where that one does not pass.
  await log.filterText.fill('70%');
  command.tell({ stdout: '\rDownloading 70%!' });
  await expect(log.partial).toContainText('Downloading 70%!');
  command.tell({ stdout: '\rDownloading 100%\n' });
  await expect(log.partial).toHaveCount(0);
  await log.filterText.fill('');
  command.tell({ stdout: 'Downloading 80%' });
  await expect(log.partial).toContainText('Downloading 80%');
  command.tell({ stdout: '\rDownloading 90%\n' });
  await expect(log.rowsWith('Downloading 90%')).toHaveCount(1);
  await expect(log.rowsWith('Downloading 90%').locator('.log-message')).toHaveText('Downloading 90%');
  await expect(log.partial).toHaveCount(0);
});

test('an unfinished line stands where its line will, whatever columns and wrapping are chosen', async ({ page }) => {
  const { log, command } = await openRun(page);
  command.tell({ stdout: '::group::Fetch\nDownloading 10%' });
  await expect(log.partial).toContainText('Downloading 10%');
  await page.keyboard.press('t');
  await expect(log.partial.locator('.log-time')).toHaveCount(1);
  await page.keyboard.press('w');
  await expect(log.partial.locator('.log-message')).not.toHaveClass(/log-wrap/);
  const left = (message: ReturnType<typeof log.rowsWith>) =>
    message.getByText('Downloading').evaluate((text) => Math.round(text.getBoundingClientRect().left));
  const before = await left(log.partial);
  command.tell({ stdout: '\rDownloading 100%\n' });
  await expect(log.partial).toHaveCount(0);
  const row = log.rowsWith('Downloading 100%');
  // Microseconds make the column of times wider.
  const [time = ''] = await row.locator('.log-time').allTextContents();
  const digit = await row
    .locator('.log-time')
    .evaluate((element, chars) => element.getBoundingClientRect().width / chars, time.length);
  expect(Math.abs((await left(row)) - before)).toBeLessThanOrEqual(Math.round(3 * digit) + 1);
});

test('an unfinished line begins with the colour that was left on', async ({ page }) => {
  const { log, command } = await openRun(page);
  command.tell({ stdout: '\u001b[31mred\nstill red' });
  await expect(log.partial).toContainText('still red');
  const colour = await log
    .rowsWith('red')
    .getByText('red', { exact: true })
    .evaluate((text) => getComputedStyle(text).color);
  await expect(log.partial.getByText('still red')).toHaveCSS('color', colour);
});

test('the run’s end is shown in words: exit code', async ({ page }) => {
  const { log, command } = await openRun(page);
  await expect(page.locator('[data-status="running"]').first()).toBeVisible();
  command.tell({ exit: 3 });
  expect(await command.exitCode).toBe(3);
  await expect(log.list).toContainText(/Run failed .*exit code 3/);
  await expect(page.locator('[data-status="failed"]').first()).toHaveText('Failed');
});

test('the run’s end is shown in words: signal', async ({ page }) => {
  const { log, command } = await openRun(page);
  command.tell({ stdout: 'about to be killed\n' });
  await expect(log.rowsWith('about to be killed')).toBeVisible();
  command.tell({ signal: 'SIGKILL' });
  expect(await command.exitCode).toBe(137);
  await expect(log.list).toContainText(/Run failed after .+: SIGKILL, killed/);
});

test.describe('with outages', () => {
  test.use({ outages: true });

  test('every line is shown once and in order, whatever is taken away while it is written', async ({
    page,
    context,
  }) => {
    test.setTimeout(4 * RECOVERY_MAX_MS);
    const log = new LogPage(page);
    const command = await startRun();
    // Without a network a page still reaches `localhost`; this name is one like any other server's.
    await log.open(`http://127.0.0.1:${server.port}`, command.runId);

    const countWritten = () => command.stdout.split('\n').length;
    const numberShown = async () => Number(await log.list.locator('[data-line]').last().getAttribute('data-line'));
    /** Waits until the page shows what the command had written when it was called, and the system's line 1. */
    const seesNewest = () =>
      expect.poll(numberShown, { timeout: RECOVERY_MAX_MS }).toBeGreaterThanOrEqual(countWritten());
    /** Waits until the command has written more lines, while something is away. */
    const writesOn = () => expect.poll(countWritten).toBeGreaterThan(countWritten() + 10);

    command.tell({ count: 40 });
    await seesNewest();

    await page.reload();
    await seesNewest();

    await context.setOffline(true);
    await expect(log.state).toHaveText(/Offline/);
    await writesOn();
    await context.setOffline(false);
    await seesNewest();

    await server.stop('SIGTERM');
    await expect(log.state).toHaveText(/Reconnecting/);
    await writesOn();
    await server.startAgain();
    await seesNewest();

    await server.stop('SIGKILL');
    await expect(log.state).toHaveText(/Reconnecting/);
    await writesOn();
    await server.startAgain();
    await seesNewest();

    command.tell({ count: 0, exit: 0 });
    expect(await command.exitCode).toBe(0);
    await expect(log.list).toContainText('Run completed');

    const { line_count: count } = await readRun(server.url, command.runId);
    const shown = await log.readAll(count);
    expect(shown.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    const output = shown.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
    expect(output).toEqual(command.stdout.trimEnd().split('\n'));
    expect(output.length).toBeGreaterThan(40);
  });
});
