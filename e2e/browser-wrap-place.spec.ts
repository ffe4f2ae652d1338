import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { passFrames } from './interactive';
import { LogPage } from './log-page';
import { finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Whoever changes how lines are displayed reads on where they were. */

const RUN = 'wrap-place';
const LINES = 2000;

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  const lines = Array.from({ length: LINES }, (_, index) => `line ${index + 1} ${'wrapped '.repeat((index * 7) % 90)}`);
  await postLines(server.url, RUN, lines);
  await finishRun(server.url, RUN, { exit_code: 0 });
});

test.afterAll(async () => {
  await server.close();
});

/** The line at half the height of the log. */
async function middleOf(log: LogPage): Promise<number> {
  return log.list.evaluate((list) => {
    const { top, bottom } = list.getBoundingClientRect();
    const rows = [...list.querySelectorAll('[data-line]')];
    const row = rows.find((one) => one.getBoundingClientRect().bottom > (top + bottom) / 2);
    return Number(row?.getAttribute('data-line'));
  });
}

/** What a key changes: whether lines wrap, and the time of the line at the end of what is in the page. */
async function toggle(page: Page, log: LogPage, key: 'w' | 't'): Promise<void> {
  const wrap = await log.list.getAttribute('data-wrap');
  await page.keyboard.press(key);
  if (key === 'w') await expect(log.list).toHaveAttribute('data-wrap', wrap === 'on' ? 'off' : 'on');
  else await passFrames(page, 2);
}

for (const key of ['w', 't'] as const) {
  test(`${key} keeps the line in the middle of the view in sight, both ways, anywhere in the run`, async ({ page }) => {
    const log = new LogPage(page);
    for (const line of [40, 1000, 1950]) {
      await log.open(server.url, RUN, `#L${line}`);
      await expect(log.row(line)).toBeInViewport();
      for (let press = 0; press < 4; press++) {
        const middle = await middleOf(log);
        await toggle(page, log, key);
        await expect(log.row(middle), `press ${press + 1} at line ${middle}`).toBeInViewport();
        // And stays there while rows are measured anew.
        for (let frame = 0; frame < 10; frame++) {
          await passFrames(page, 1);
          await expect(log.row(middle), `press ${press + 1} at line ${middle}`).toBeInViewport();
        }
      }
    }
  });
}

test('whoever is at the end is there with wrapped lines and without', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN);
  await expect(log.row(LINES)).toBeInViewport();
  for (const key of ['w', 't', 'w', 't'] as const) {
    await toggle(page, log, key);
    await expect(log.row(LINES)).toBeInViewport();
    await expect(log.list).toContainText('Run completed');
  }
});

test('a line that is opened or closed stays where it is, below wrapped lines that were read', async ({ page }) => {
  const json = JSON.stringify({ message: 'opened', user: 'ada', attempt: 3 });
  const lines = Array.from({ length: 400 }, (_, index) =>
    index % 10 === 9 ? json : 'wrapped '.repeat((index * 7) % 90),
  );
  await postLines(server.url, 'opened', lines);
  const log = new LogPage(page);
  await log.open(server.url, 'opened', '#L1');
  await expect(log.row(1)).toBeInViewport();
  while ((await log.firstInSight()) < 200) {
    await log.wheel(400);
    await passFrames(page, 2);
  }
  const line = Math.ceil(((await log.firstInSight()) + 1) / 10) * 10;
  const row = log.row(line);
  const top = async () => Math.round((await row.boundingBox())?.y ?? 0);
  const before = await top();
  for (const action of ['Expand', 'Collapse']) {
    await row.getByRole('button', { name: `Expand fields of line ${line}` }).click();
    await expect(row.locator('.log-fields')).toHaveCount(action === 'Expand' ? 1 : 0);
    for (let frame = 0; frame < 10; frame++) {
      await passFrames(page, 1);
      expect(await top(), action).toBe(before);
    }
  }
});
