import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@playwright/test';
import { test } from './browser-test';
import { type CorpusBatch, corpusAbsence, readCorpus } from './corpus-files';
import { LogPage } from './log-page';
import { downloadRaw, readRun } from './rest-client';
import { StratalRun } from './run-command';
import { StratalServer } from './stratal-server';

/** Real logs through the command, the server and its store, and out again: as a file, and on a page. */

/** Their files were written for terminals. */
const TERMINAL_FOLDERS = ['alacritty-recordings', 'captured-here', 'encoding', 'terminal-to-html', 'xterm-escapes'];
/** A longer run is looked at in so many places instead. */
const READ_LINES_MAX = 2000;
const PLACES = 12;

// The reporter does not tell reasons.
if (corpusAbsence !== undefined) console.log(`e2e/corpus-round-trip.spec.ts is skipped: ${corpusAbsence}`);
test.skip(corpusAbsence !== undefined, corpusAbsence);

let server: StratalServer;
let scratch: string;
let batches: CorpusBatch[];

test.beforeAll(async () => {
  server = await StratalServer.start();
  scratch = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-corpus-'));
  batches = await readCorpus(scratch);
});

test.afterAll(async () => {
  await server?.close();
  if (scratch !== undefined) await rm(scratch, { recursive: true });
});

test('every file comes back byte for byte', async () => {
  test.setTimeout(180_000);
  expect(batches.length).toBeGreaterThan(10);
  const changed: string[] = [];
  const waiting = [...batches];
  const work = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      const run = await StratalRun.start(server.url, ['cat', ...batch.paths], { options: ['--id', batch.folder] });
      expect(await run.exitCode).toBe(0);
      const back = await downloadRaw(server.url, batch.folder);
      if (!back.equals(batch.bytes)) changed.push(describeChange(batch, back));
      if (!run.output.equals(batch.bytes)) changed.push(`${batch.folder}: passed on differently`);
    }
  };
  await Promise.all([work(), work()]);
  expect(changed).toEqual([]);
});

function describeChange({ folder, bytes }: CorpusBatch, back: Buffer): string {
  const at = bytes.findIndex((byte, index) => byte !== back[index]);
  const around = (buffer: Buffer) => JSON.stringify(buffer.subarray(Math.max(0, at - 20), at + 20).toString());
  return `${folder}: ${bytes.length} bytes came back as ${back.length}; at ${at} ${around(bytes)} is ${around(back)}`;
}

for (const folder of TERMINAL_FOLDERS) {
  test(`the viewer shows what terminals got: ${folder}`, async ({ page }) => {
    const log = new LogPage(page);
    // Markers of groups are lines like others here.
    await page.addInitScript(() => localStorage.setItem('stratal:groups', 'off'));
    await log.open(server.url, folder);
    await expect(log.state).toHaveText(/Ended/);
    const { line_count: count } = await readRun(server.url, folder);
    if (count <= READ_LINES_MAX) {
      expect(await log.readAll(count)).toHaveLength(count);
    } else {
      for (let place = 0; place < PLACES; place++) {
        const line = 1 + Math.floor((place * (count - 1)) / (PLACES - 1));
        await page.evaluate((hash) => {
          location.hash = hash;
        }, `#L${line}`);
        await expect(log.row(line)).toBeInViewport();
      }
    }
  });
}
