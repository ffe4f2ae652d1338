import { expect, type Page } from '@playwright/test';
import { accessibilityFindings } from './accessibility';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { forgiveRefusals } from './page-faults';
import { createRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** What opens above a run's log, for those who do not see it, see little contrast, or want nothing to move. */

const RUN = 'panels';

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  await createRun(server.url, RUN);
  const lines = Array.from({ length: 400 }, (_, index) => ({
    message: index % 7 ? `line ${index}` : '{"msg":"needle","status":200,"user":{"name":"ada"}}',
    level: index % 50 ? 'info' : 'error',
    task_name: index % 2 ? 'build' : 'test',
  }));
  await postLines(
    server.url,
    RUN,
    [{ message: '::group::set up' }, ...lines.slice(0, 9), '::endgroup::', ...lines].map((line) =>
      typeof line === 'string' ? { message: line } : line,
    ),
  );
});

test.afterAll(async () => {
  await server.close();
});

/** Each opens something, and is done when that is in sight. */
const PANELS: Record<string, (page: Page, log: LogPage) => Promise<void>> = {
  'the search with its matches': async (page, log) => {
    await page.keyboard.press('/');
    await log.findText.fill('needle');
    await expect(log.findStatus).toHaveAttribute('data-find-state', /done|live/);
    await page.keyboard.press('Enter');
    await expect(log.list.locator('mark').first()).toBeVisible();
  },
  'a faulty expression': async (page, log) => {
    await page.keyboard.press('/');
    await page.getByRole('button', { name: 'Regular expression' }).click();
    await log.findText.fill('a(');
    await expect(page.getByRole('alert').or(page.locator('[data-find-state="failed"]')).first()).toBeVisible();
  },
  'the jump to a place': async (page) => {
    await page.keyboard.press(':');
    await expect(page.getByLabel('Line or time')).toBeVisible();
  },
  'the filters': async (page) => {
    await page.getByRole('button', { name: /^Filters?/ }).click();
    await expect(page.getByRole('checkbox').first()).toBeVisible();
  },
  'the view': async (page) => {
    await page.getByRole('button', { name: 'View' }).click();
    await expect(page.getByRole('menu')).toBeVisible();
  },
  'the downloads': async (page) => {
    await page.getByRole('button', { name: 'Download' }).click();
    await expect(page.getByRole('menu')).toBeVisible();
  },
  'a jump that leads nowhere': async (page) => {
    await page.keyboard.press(':');
    await page.getByLabel('Line or time').fill('999999');
    await page.keyboard.press('Enter');
    await expect(page.getByText(/The newest line is/)).toBeVisible();
  },
  'matching lines alone, a faulty filter beside them': async (page, log) => {
    await log.open(server.url, RUN, '?find=needle&only=true&context=2&q=%2Fa(%2F');
    await expect(page.getByRole('alert').or(page.locator('[aria-invalid="true"]')).first()).toBeVisible();
  },
  'open fields and what a value can do': async (page, log) => {
    await page.keyboard.press('g');
    await log.row(3).getByRole('button', { name: 'Expand fields of line 3' }).click();
    await log.row(3).getByRole('button', { name: 'user.name: ada' }).click();
    await expect(page.getByRole('menu')).toBeVisible();
  },
  'the ways to copy lines': async (page, log) => {
    await log.row(405).locator('.log-number').click();
    await page.getByRole('button', { name: 'Copy lines' }).click();
    await expect(page.getByRole('menu')).toBeVisible();
  },
  'selected lines': async (page, log) => {
    await log.row(405).locator('.log-number').click();
    await expect(log.row(405)).toHaveAttribute('data-selected', '');
    await expect(page.getByRole('button', { name: /Copy link/ })).toBeVisible();
  },
};

for (const [name, show] of Object.entries(PANELS)) {
  test(`axe finds nothing in ${name}, in both themes, wide and on a phone`, async ({ page, faults }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 720 });
      const log = new LogPage(page);
      await log.open(server.url, RUN);
      await show(page, log);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await accessibilityFindings(page), `${colorScheme}, ${width} px`).toEqual([]);
      }
    }
    // That an expression is refused is what is looked at.
    forgiveRefusals(faults);
  });
}

test('who asks for less motion sees none that lasts or repeats', async ({ page }) => {
  await createRun(server.url, 'panels-motion');
  await postLines(server.url, 'panels-motion', ['a line', { message: 'unfinished', partial: true }]);
  const log = new LogPage(page);
  /** Of all elements, milliseconds of the longest animation or transition; repeats count as for ever. */
  const longest = () =>
    page.evaluate(() => {
      const seconds = (list: string) => Math.max(...list.split(',').map((time) => Number.parseFloat(time)));
      return Math.max(
        ...[...document.querySelectorAll('*')].flatMap((element) =>
          [undefined, '::before', '::after'].map((pseudo) => {
            const style = getComputedStyle(element, pseudo);
            const isMoving = style.animationName !== 'none';
            if (isMoving && style.animationIterationCount.includes('infinite')) return Number.POSITIVE_INFINITY;
            return Math.max(isMoving ? seconds(style.animationDuration) : 0, seconds(style.transitionDuration));
          }),
        ),
      );
    });
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await log.open(server.url, 'panels-motion');
  // Its caret blinks.
  await expect(log.partial).toBeVisible();
  expect(await longest()).toBe(Number.POSITIVE_INFINITY);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await longest()).toBeLessThan(0.001);
  await page.getByRole('button', { name: 'View' }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  expect(await longest()).toBeLessThan(0.001);
});
