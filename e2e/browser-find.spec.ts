import { expect } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Searching a whole run, going to places of it, and reading matches alone. */

const RUN = 'searched-run';
const LINES = 60_000;
/** Lines that hold the word, far from each other and from the newest ones. */
const NEEDLES = [17, 20_000, 41_234];
const ERRORS = [300, 25_000];

let server: StratalServer;

function messageOf(line: number): { message: string; level: string; timestamp: string } {
  const isNeedle = NEEDLES.includes(line);
  return {
    message: isNeedle ? `the Needle of line ${line}` : `line ${line} a.b`,
    level: ERRORS.includes(line) ? 'error' : 'info',
    timestamp: new Date(Date.UTC(2026, 0, 1) + line * 1000).toISOString(),
  };
}

test.beforeAll(async () => {
  server = await StratalServer.start();
  await postLines(
    server.url,
    RUN,
    Array.from({ length: LINES }, (_, index) => messageOf(index + 1)),
  );
  await finishRun(server.url, RUN, { exit_code: 0 });
});

test.afterAll(async () => {
  await server.close();
});

async function openFind(log: LogPage): Promise<void> {
  await log.list.focus();
  await log.page.keyboard.press('/');
  await expect(log.findText).toBeFocused();
}

test('a search finds what is not loaded, counts it, marks it and goes from match to match', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await openFind(log);
  await page.keyboard.type('needle');
  await expect(log.findStatus).toHaveAttribute('data-find-state', 'done');
  await expect(log.findStatus).toHaveAttribute('data-find-count', '3');
  await expect(log.findStatus).toContainText('All lines searched');
  await expect(page.locator('[data-marks="3"]')).toBeVisible();

  await page.keyboard.press('Enter');
  await expect(log.row(17)).toBeInViewport();
  await expect(log.row(17).locator('mark')).toHaveText('Needle');
  await expect(log.row(17)).toHaveAttribute('data-hit', '');
  await expect(log.findStatus).toContainText('1 of 3');
  await page.keyboard.press('Enter');
  await expect(log.row(20_000)).toBeInViewport();
  await page.keyboard.press('Shift+Enter');
  await expect(log.row(17)).toBeInViewport();
  await page.keyboard.press('Shift+Enter');
  await expect(log.row(41_234)).toBeInViewport();
  await expect(log.findStatus).toContainText('Went on at the last match');

  await log.list.focus();
  await page.keyboard.press('n');
  await expect(log.row(17)).toBeInViewport();
  await page.keyboard.press('Shift+N');
  await expect(log.row(41_234)).toBeInViewport();
  await expect(page).toHaveURL(/find=needle/);
});

test('case and regular expressions are options, and a faulty expression says what is wrong', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await openFind(log);
  await page.keyboard.type('needle');
  await expect(log.findStatus).toHaveAttribute('data-find-count', '3');
  await page.getByRole('search').getByRole('button', { name: 'Match case' }).click();
  await expect(log.findStatus).toHaveAttribute('data-find-count', '0');
  await log.findText.fill('Needle of line (17|2\\d+)$');
  await expect(log.findStatus).toHaveAttribute('data-find-count', '0');
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await expect(log.findStatus).toHaveAttribute('data-find-count', '2');
  await log.findText.fill('line (17');
  await expect(page.getByRole('search').getByRole('alert')).toHaveText(/missing closing \), at character 6$/);
  // What is plain text has no signs of its own.
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await log.findText.fill('line 59999 a.b');
  await expect(log.findStatus).toHaveAttribute('data-find-count', '1');
  await log.findText.fill('line 59999 a-b');
  await expect(log.findStatus).toHaveAttribute('data-find-count', '0');
});

test('matching lines alone, where none matches, are told as such', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?find=nowhere-in-it&only=true');
  await expect(log.list).toContainText('No line matches this filter.');
  await expect(log.list).not.toContainText('This run wrote no lines.');
});

test('matching lines alone keep their numbers, come with context, and the place stays when the rest comes back', async ({
  page,
}) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await openFind(log);
  await page.keyboard.type('needle');
  await page.getByRole('button', { name: 'Only matching lines' }).click();
  await expect(log.list.locator('[data-line]')).toHaveCount(3);
  await expect(log.list.locator('[data-line] .log-number')).toHaveText(NEEDLES.map(String));
  await page.getByRole('combobox', { name: 'Context' }).selectOption('1');
  await expect(log.list.locator('[data-line] .log-number')).toHaveText(
    NEEDLES.flatMap((line) => [line - 1, line, line + 1]).map(String),
  );
  await expect(page).toHaveURL(/only=true/);
  await expect(page).toHaveURL(/context=1/);
  await page.reload();
  await expect(log.list.locator('[data-line]')).toHaveCount(9);

  await log.findText.press('Enter');
  await expect(log.findStatus).toContainText('1 of 3');
  await log.findText.press('Enter');
  await expect(log.findStatus).toContainText('2 of 3');
  await page.getByRole('button', { name: 'Only matching lines' }).click();
  await expect(log.row(20_000)).toBeInViewport();
  await expect(log.row(19_995)).toBeVisible();
});

test('a match is shown in context from its own line, or by its key, and keeps its place', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?find=needle&only=true');
  await expect(log.list.locator('[data-line]')).toHaveCount(3);
  const show = log.row(20_000).getByRole('button', { name: 'Show line 20000 in context' });
  await expect(show).toHaveCount(0);
  await log.row(20_000).hover();
  await show.click();
  await expect(log.row(20_000)).toBeInViewport();
  await expect(log.row(19_995)).toBeVisible();
  await expect(page).toHaveURL(/find=needle/);
  await expect(page).not.toHaveURL(/only=true/);
  await log.row(20_000).hover();
  await expect(show).toHaveCount(0);

  await page.getByRole('button', { name: 'Only matching lines' }).click();
  await expect(log.list.locator('[data-line]')).toHaveCount(3);
  // The match that was gone to last, whatever line is selected.
  await log
    .row(NEEDLES[0] ?? 0)
    .locator('.log-number')
    .click();
  await log.findText.press('Enter');
  await expect(log.findStatus).toContainText('1 of 3');
  await log.findText.press('Enter');
  await expect(log.findStatus).toContainText('2 of 3');
  await log.list.focus();
  await page.keyboard.press('o');
  await expect(page).not.toHaveURL(/only=true/);
  await expect(log.row(20_000)).toBeInViewport();
  await expect(log.row(19_999)).toBeVisible();
});

for (const line of [NEEDLES[0] ?? 0, NEEDLES.at(-1) ?? 0]) {
  test(`a match away from the middle is the one that is shown in context: ${line}`, async ({ page }) => {
    const log = new LogPage(page);
    await log.open(server.url, RUN, '?find=needle&only=true');
    await expect(log.list.locator('[data-line]')).toHaveCount(NEEDLES.length);
    await log.row(line).hover();
    await log
      .row(line)
      .getByRole('button', { name: `Show line ${line} in context` })
      .click();
    await expect(log.row(line - 1)).toBeInViewport();
    await expect(log.row(line)).toBeInViewport();
    await expect(log.row(line + 1)).toBeInViewport();
  });
}

test.describe('with a search that fails', () => {
  test.use({ outages: true });

  test('it says so, and is tried again where it was', async ({ page }) => {
    const log = new LogPage(page);
    await log.open(server.url, RUN);
    await page.route(/\/search\?/, (route) => route.abort());
    await openFind(log);
    await page.keyboard.type('needle');
    await expect(log.findStatus).toHaveAttribute('data-find-state', 'failed');
    await page.unroute(/\/search\?/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(log.findStatus).toHaveAttribute('data-find-count', String(NEEDLES.length));
    await expect(page.getByRole('button', { name: 'Try again' })).toHaveCount(0);
  });
});

test('lines that arrive join the matches, with their context', async ({ page }) => {
  const id = 'growing-run';
  await createRun(server.url, id);
  await postLines(server.url, id, ['one needle', 'hay 1', 'hay 2']);
  const log = new LogPage(page);
  await log.open(server.url, id, '?find=needle&only=true&context=1');
  await expect(log.state).toHaveAttribute('data-stream-state', 'live');
  const messages = log.list.locator('[data-line] .log-message');
  await expect(messages).toHaveText(['Job run started', 'one needle', 'hay 1']);
  await expect(log.findStatus).toHaveAttribute('data-find-count', '1');
  await postLines(server.url, id, ['hay 3', 'hay 4', 'two needles', 'hay 5', 'hay 6']);
  await expect(messages).toHaveText(['Job run started', 'one needle', 'hay 1', 'hay 4', 'two needles', 'hay 5']);
  await expect(log.findStatus).toHaveAttribute('data-find-count', '2');
});

test('E goes to the next error of the run, Shift+E back, and says where there is none', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '#L100');
  await expect(log.row(100)).toBeInViewport();
  await page.keyboard.press('e');
  await expect(log.row(300)).toBeInViewport();
  await page.keyboard.press('e');
  await expect(log.row(25_000)).toBeInViewport();
  await expect(log.row(25_000)).toHaveAttribute('data-hit', '');
  await page.keyboard.press('e');
  await expect(page.getByText('No further error')).toBeVisible();
  await page.keyboard.press('Shift+E');
  await expect(log.row(300)).toBeInViewport();
});

test('the address names the first error and the end', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '#error');
  await expect(log.row(300)).toBeInViewport();
  await page.evaluate(() => {
    location.hash = '#end';
  });
  await expect(log.row(LINES)).toBeInViewport();
});

test('a line, a part and a time are jumped to, and what is none says so', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await log.list.focus();
  await page.keyboard.press(':');
  const field = page.getByLabel('Line or time');
  await expect(field).toBeFocused();
  await page.keyboard.type('12345');
  await page.keyboard.press('Enter');
  await expect(log.row(12_345)).toBeInViewport();
  await expect(field).toHaveCount(0);
  await expect(page).toHaveURL(/#L12345$/);

  await page.keyboard.press('Control+g');
  await page.keyboard.type('2026-01-01T10:00:00Z');
  await page.keyboard.press('Enter');
  await expect(log.row(36_000)).toBeInViewport();

  await page.keyboard.press(':');
  await page.keyboard.type('99999999');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('form', { name: 'Jump' }).getByRole('alert')).toHaveText('The newest line is 60,000.');
  await field.fill('soon');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('form', { name: 'Jump' }).getByRole('alert')).toContainText('Type a line number');
  await page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
  await expect(log.list).toBeFocused();
});

test('Ctrl+F opens the search where the log has the focus, and the browser’s own when it is open', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await log.list.focus();
  await page.evaluate(() => {
    window.addEventListener('keydown', (event) => {
      if (event.key === 'f') document.documentElement.dataset.taken = String(event.defaultPrevented);
    });
  });
  const html = page.locator('html');
  await page.keyboard.press('Control+f');
  await expect(html).toHaveAttribute('data-taken', 'true');
  await expect(log.findText).toBeFocused();
  await page.keyboard.press('Control+f');
  await expect(html).toHaveAttribute('data-taken', 'false');
  await page.keyboard.press('Escape');
  await expect(log.findText).toHaveCount(0);
});
