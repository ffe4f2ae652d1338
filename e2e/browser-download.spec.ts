import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import { test } from './browser-test';
import { untilInteractive } from './interactive';
import { LogPage } from './log-page';
import { createRun, finishRun, type PostedLine, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Files of what a filter shows. */

const RUN = 'traced';

let database: TestDatabase;
let server: StratalServer;

test.beforeAll(async () => {
  database = await openTestDatabase();
  server = await StratalServer.start({ env: database.environment });
  const lines = Array.from({ length: 300 }, (_, index): PostedLine => ({ message: `step ${index + 2}` }));
  lines.splice(
    100,
    5,
    { message: 'Error: no such file', level: 'error', stream: 'stderr' },
    { message: '    at open (needle.js:1:2)', stream: 'stderr' },
    { message: 'from elsewhere' },
    { message: '    at run (app.js:3:4)', stream: 'stderr' },
    { message: 'a needle by itself' },
  );
  await createRun(server.url, RUN);
  await postLines(server.url, RUN, lines);
  await finishRun(server.url, RUN);
});

test.afterAll(async () => {
  await server.close();
  await database.drop();
});

/** Saves what the filter shows as JSON lines; the menu names it so and tells its size. */
async function saveFiltered(page: Page, name: string, size: string): Promise<Array<{ id: number; message: string }>> {
  const button = page.getByRole('button', { name: 'Download' });
  await untilInteractive(button);
  await button.click();
  const scope = page.getByRole('menuitemradio', { name: `${name} ${size}`, exact: true });
  await expect(scope).toBeVisible();
  await scope.click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'JSON lines' }).click(),
  ]);
  const file = await readFile(await download.path(), 'utf8');
  return file
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const VIEWS = [
  { address: '?level=error', name: 'Matching lines with traces', size: '1 match', ids: [102, 103, 105] },
  { address: '?q=needle', name: 'Matching lines with traces', size: 'of the filter', ids: [102, 103, 105, 106] },
  { address: '?q=needle%20-open', name: 'Matching lines with traces', size: 'of the filter', ids: [106] },
  { address: '?stream=stderr', name: 'Matching lines', size: '3 lines', ids: [102, 103, 105] },
  {
    address: '?find=needle&only=true&context=2',
    name: 'Matching lines ± 2',
    size: 'of the filter',
    ids: [101, 102, 103, 104, 105, 106, 107, 108],
  },
  { address: '?find=needle&only=true', name: 'Matching lines', size: 'of the filter', ids: [103, 106] },
  {
    address: '?level=error&find=file&only=true&context=1',
    name: 'Matching lines ± 1',
    size: 'of the filter',
    ids: [101, 102, 103],
  },
];

for (const { address, name, size, ids } of VIEWS) {
  test(`the file of ${address} has the lines that the view shows`, async ({ page }) => {
    const log = new LogPage(page);
    await log.open(server.url, RUN, address);
    const rows = log.list.locator('[data-line]');
    await expect(rows).toHaveCount(ids.length);
    const shown = await log.numbers();
    const texts = await rows.locator('.log-message').allTextContents();
    const saved = await saveFiltered(page, name, size);
    expect(saved.map(({ id }) => id)).toEqual(shown);
    expect(saved.map(({ message }) => message)).toEqual(texts);
    expect(shown).toEqual(ids);
  });
}
