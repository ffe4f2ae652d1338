import { expect, type Page } from '@playwright/test';
import { accessibilityFindings } from './accessibility';
import { test } from './browser-test';
import { FAILED_RUN, makeDeployRuns } from './deploy-runs';
import { EmbeddingPage } from './embedding-page';
import { untilInteractive } from './interactive';
import { LogPage } from './log-page';
import { StratalServer } from './stratal-server';

/** Menus of pages, and the viewer in another page, for those who do not see them or see little contrast. */

let embedding: EmbeddingPage;
let server: StratalServer;

test.beforeAll(async () => {
  embedding = await EmbeddingPage.start();
  server = await StratalServer.start({ env: { STRATAL_ALLOWED_ORIGINS: embedding.origin } });
  await makeDeployRuns(server.url);
});

test.afterAll(async () => {
  embedding.close();
  await server.close();
});

/** Opens a menu of the list of runs by its button. */
async function openMenu(page: Page, name: string | RegExp): Promise<void> {
  await page.goto(server.url);
  const button = page.getByRole('button', { name });
  await untilInteractive(button);
  await button.click();
  await expect(page.getByRole('menu')).toBeVisible();
}

/** Each opens something, and is done when that is in sight. */
const OPENED: Record<string, (page: Page) => Promise<void>> = {
  'the tasks that can be downloaded': async (page) => {
    await new LogPage(page).open(server.url, FAILED_RUN);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('menuitem', { name: 'One task' }).press('ArrowRight');
    await expect(page.getByRole('menuitemradio', { name: /^build, attempt 2/ })).toBeVisible();
  },
  'the statuses to filter runs by': async (page) => {
    await openMenu(page, 'Status');
    await expect(page.getByRole('menuitemcheckbox', { name: 'Failed' })).toBeVisible();
  },
  'the themes': async (page) => {
    await openMenu(page, /^Theme/);
    await expect(page.getByRole('menuitemradio', { name: 'Dark' })).toBeVisible();
  },
  'the viewer in another page': async (page) => {
    await embedding.open(page, server.url, FAILED_RUN);
    const log = new LogPage(page);
    await expect(log.state).toHaveText(/Ended/);
    await expect(log.list.locator('[data-line]').first()).toBeVisible();
  },
  'the view’s menu in another page': async (page) => {
    await embedding.open(page, server.url, FAILED_RUN);
    await expect(new LogPage(page).state).toHaveText(/Ended/);
    await page.getByRole('button', { name: 'View' }).click();
    await expect(page.getByRole('menu')).toBeVisible();
  },
};

for (const [name, show] of Object.entries(OPENED)) {
  test(`axe finds nothing in ${name}, in both themes, wide and on a phone`, async ({ page }) => {
    // Four times axe.
    test.setTimeout(120_000);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 720 });
      await show(page);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await accessibilityFindings(page), `${colorScheme}, ${width} px`).toEqual([]);
      }
    }
  });
}
