import { expect } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Lines so long that a page of the server has room for some dozens of them: every one is reached all the same. */

const RUN = 'long-lines';
const LONG_LINES = 150;
const LINES = 500;

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
  const lines = Array.from({ length: LINES }, (_, index) => {
    const text = `line ${index + 1} `;
    return index < LONG_LINES
      ? { message: text.padEnd(100_000, 'x'), level: 'error' }
      : { message: text, level: 'info' };
  });
  for (let at = 0; at < LINES; at += 50) await postLines(server.url, RUN, lines.slice(at, at + 50));
});

test.afterAll(async () => {
  await server.close();
});

for (const address of ['#L100', '?line=100']) {
  test(`a link leads to a line among long ones: ${address}`, async ({ page }) => {
    const log = new LogPage(page);
    await log.open(server.url, RUN, address);
    await expect(log.row(100)).toBeInViewport();
    await expect(log.row(100).locator('.log-message')).toHaveText(/^line 100 x/);
  });
}

test('a filter whose newest matches are long ones leads to the first of them too', async ({ page }) => {
  const log = new LogPage(page);
  await log.open(server.url, RUN, '?level=error');
  await expect(log.row(LONG_LINES)).toBeInViewport();
  await log.list.focus();
  await page.keyboard.press('Home');
  await expect(log.row(1)).toBeInViewport();
  await expect(log.list).toContainText('Nothing older matches');
});
