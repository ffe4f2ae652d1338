import { expect, type Page } from '@playwright/test';
import { accessibilityFindings } from './accessibility';
import { test } from './browser-test';
import { untilInteractive } from './interactive';
import { LogPage } from './log-page';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Keys on every page: the palette over runs and actions, and the list of shortcuts. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  for (const name of ['nightly-backup', 'deploy-web', 'import-orders']) {
    await createRun(server.url, `${name}-1`, { job_name: name });
    await finishRun(server.url, `${name}-1`);
  }
  await createRun(server.url, 'build-1', { job_name: 'build' });
  await postLines(server.url, 'build-1', [
    { message: 'compiling', task_name: 'compile' },
    { message: 'testing', task_name: 'unit tests' },
  ]);
});

test.afterAll(async () => {
  await server.close();
});

function palette(page: Page) {
  const dialog = page.getByRole('dialog', { name: 'Search or jump to' });
  return { dialog, box: dialog.getByRole('combobox'), chosen: dialog.getByRole('option', { selected: true }) };
}

/** Opens a page and waits until its keys are heard. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${server.url}${path}`);
  await untilInteractive(page.getByRole('button', { name: 'Search or jump to' }));
}

test('the palette finds a run by its name, with the keyboard alone', async ({ page }) => {
  await open(page, '/status');
  await page.keyboard.press('Control+k');
  const { dialog, box, chosen } = palette(page);
  await expect(box).toBeFocused();
  await expect(dialog.getByRole('option', { name: /build-1/ })).toBeVisible();
  await page.keyboard.type('orders');
  await expect(dialog.getByRole('option', { name: /deploy-web/ })).toHaveCount(0);
  await expect(chosen).toContainText('import-orders');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/job-runs/import-orders-1`);
  await expect(dialog).toHaveCount(0);
});

test('pages and themes are a few letters away', async ({ page }) => {
  await open(page, '/');
  await page.keyboard.press('Control+k');
  const { chosen } = palette(page);
  await page.keyboard.type('live');
  await expect(chosen).toHaveText(/^Live/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/live`);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('dark');
  await expect(chosen).toHaveText(/^Dark theme/);
  const saved = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await saved;
});

test('a run’s page adds its tasks: one is chosen as the filter, and taken back', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, 'build-1');
  const messages = log.list.locator('[data-line] .log-message');
  await expect(messages).toHaveCount(3);
  await page.keyboard.press('Control+k');
  const { dialog, chosen } = palette(page);
  await page.keyboard.type('compile');
  await expect(chosen).toContainText('Only lines of compile');
  await page.keyboard.press('Enter');
  await expect(messages).toHaveText(['compiling']);
  await expect(page).toHaveURL(/task=/);

  await page.keyboard.press('Control+k');
  await dialog.getByRole('option', { name: 'Lines of all tasks' }).click();
  await expect(messages).toHaveCount(3);

  // On another page they are gone.
  await page.goto(`${server.url}/status`);
  await untilInteractive(page.getByRole('button', { name: 'Search or jump to' }));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('compile');
  await expect(dialog.getByRole('status')).toHaveText('Nothing is found for “compile”.');
});

test('the palette has what the toolbar of a log can do, named by what it will do', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, 'build-1');
  const { chosen } = palette(page);
  const choose = async (text: string, title: string) => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(text);
    await expect(chosen).toHaveText(title);
    await page.keyboard.press('Enter');
  };
  const histogram = page.getByRole('slider', { name: /^Lines over time/ });
  await expect(histogram).toBeVisible();
  await choose('lines over', 'Hide lines over time');
  await expect(histogram).toHaveCount(0);
  await choose('lines over', 'Show lines over time');
  await expect(histogram).toBeVisible();

  await choose('only errors', 'Show only errors');
  await expect(page).toHaveURL(/level=error/);
  const saving = page.waitForEvent('download');
  await choose('what the filter', 'Download what the filter shows');
  expect((await saving).url()).toContain('level=error&traces=true&format=raw');
  await choose('filter for errors', 'Remove the filter for errors');
  await expect(page).not.toHaveURL(/level=/);
  await choose('only warnings', 'Show only warnings');
  await choose('clear all', 'Clear all filters');
  await expect(page).not.toHaveURL(/level=/);

  const header = log.list.getByRole('button', { name: /Install/ });
  await postLines(server.url, 'build-1', [
    '::group::Install',
    'a package',
    '::endgroup::',
    'same 1',
    'same 2',
    'same 3',
  ]);
  await expect(log.rowsWith('a package')).toBeVisible();
  await choose('collapse all', 'Collapse all groups');
  await expect(header).toHaveAttribute('aria-expanded', 'false');
  await expect(log.rowsWith('a package')).toHaveCount(0);
  await choose('expand all', 'Expand all groups');
  await expect(log.rowsWith('a package')).toBeVisible();
  await choose('fold repeats', 'Fold repeats');
  await expect(log.rowsWith('same 2')).toHaveCount(0);
  await choose('show repeats', 'Show repeats');
  await expect(log.rowsWith('same 2')).toBeVisible();

  await choose('silence', 'Silence new lines');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('announce');
  await expect(chosen).toHaveText('Announce new lines');
});

test('Escape closes the palette and gives the focus back', async ({ page }) => {
  await open(page, '/');
  const search = page.getByLabel('Search job name or id');
  await search.focus();
  await page.keyboard.press('Control+k');
  const { dialog } = palette(page);
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(search).toBeFocused();
});

test.describe('an outage', () => {
  test.use({ outages: true });

  test('a server that cannot be reached is told, and asked again on demand', async ({ page }) => {
    await open(page, '/status');
    await page.route('**/api/v1/job-runs?*', (route) => route.abort());
    await page.getByRole('button', { name: 'Search or jump to' }).click();
    const { dialog, box } = palette(page);
    const retry = dialog.getByRole('option', { name: /Try again/ });
    await expect(retry).toBeVisible();
    await page.unroute('**/api/v1/job-runs?*');
    await retry.click();
    await expect(dialog.getByRole('option', { name: /build-1/ })).toBeVisible();
    await expect(box).toBeVisible();
  });
});

test('? lists the shortcuts on every page, and is a letter while text is typed', async ({ page }) => {
  for (const path of ['/', '/live', '/status', '/job-runs/build-1']) {
    await open(page, path);
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect(dialog).toContainText('Next error');
    await expect(dialog.getByRole('heading', { name: 'Moving' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  }
  await open(page, '/');
  const search = page.getByLabel('Search job name or id');
  await search.focus();
  await page.keyboard.press('?');
  await expect(search).toHaveValue('?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

for (const theme of ['light', 'dark'] as const) {
  test(`accessibility of both dialogs has no violation in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await open(page, '/job-runs/build-1');
    for (const key of ['Control+k', '?']) {
      await page.keyboard.press(key);
      const dialog = page.getByRole('dialog');
      await expect(dialog).toBeVisible();
      if (key === 'Control+k') await expect(dialog.getByRole('option', { name: /nightly-backup/ })).toBeVisible();
      expect(await accessibilityFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);
    }
  });
}

test('on a phone the palette fills the width and is opened by its button', async ({ page }) => {
  await page.setViewportSize({ width: 375, height: 700 });
  await open(page, '/job-runs/build-1');
  await page.getByRole('button', { name: 'Search or jump to' }).click();
  const { dialog } = palette(page);
  await expect(dialog.getByRole('option', { name: /nightly-backup/ })).toBeVisible();
  const box = await dialog.boundingBox();
  expect(box?.x).toBe(12);
  expect(box?.width).toBe(351);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});
