import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { median } from '@/bench/report';
import { seeded } from '@/e2e/seeded';
import { OTHER_VIEWER, OtherViewerSite } from './other-viewer';
import { openAsText } from './plain-text';

const SIZES = [1000, 10_000, 100_000, 1_000_000];
const JUMPS = 10;

interface Limits {
  seconds: number;
  bytes: number;
}

/** The large run's text in Chromium itself and in another viewer, at growing sizes until each gives up. */
export async function compareOthers(file: string, lines: number, limits: Limits): Promise<void> {
  const sizes = [...SIZES.filter((size) => size < lines), lines];
  console.log(
    `Others give up after ${limits.seconds} s or over ${(limits.bytes / 1e9).toFixed(1)} GB of the tab's process.\n`,
  );
  await plainText(file, sizes, limits);
  await otherViewer(file, sizes, limits);
}

async function plainText(file: string, sizes: readonly number[], limits: Limits): Promise<void> {
  console.log(
    '| as a text file in Chromium, lines | text in sight, ms | all read and at the end, ms | reaches line | most of RSS, MB |\n|---|---|---|---|---|',
  );
  for (const size of sizes) {
    const { value, gaveUp, peakRss } = await openAsText(await headOf(file, size), limits);
    const rss = (peakRss / 1e6).toFixed(0);
    const reached = Math.min(size, value?.reachable ?? 0).toLocaleString('en');
    const row = value
      ? `${value.firstMs.toFixed(0)} | ${value.endMs.toFixed(0)} | ${reached}`
      : `gave up: ${gaveUp} | | `;
    console.log(`| ${size.toLocaleString('en')} | ${row} | ${rss} |`);
    if (!value) break;
  }
  console.log();
}

async function otherViewer(file: string, sizes: readonly number[], limits: Limits): Promise<void> {
  const site = await OtherViewerSite.start().catch((error: unknown) => {
    console.log(`${OTHER_VIEWER} is left out: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  });
  if (!site) return;
  try {
    console.log(
      `| ${OTHER_VIEWER}, lines | lines in sight, ms | jump, ms (median, of ${JUMPS} those that arrived) | heap, MB | most of RSS, MB |\n|---|---|---|---|---|`,
    );
    for (const size of sizes) {
      const random = seeded(size);
      const jumps = Array.from({ length: JUMPS }, () => 1 + Math.floor(random() * size));
      const { value, gaveUp, peakRss } = await site.measure(await headOf(file, size), jumps, limits);
      const rss = (peakRss / 1e6).toFixed(0);
      const row = value
        ? `${value.linesMs.toFixed(0)} | ${jumpWords(value.jumpsMs)} | ${(value.heap / 1e6).toFixed(1)}`
        : `gave up: ${gaveUp} | | `;
      console.log(`| ${size.toLocaleString('en')} | ${row} | ${rss} |`);
      if (!value) break;
    }
    console.log();
  } finally {
    await site.stop();
  }
}

function jumpWords(jumpsMs: readonly number[]): string {
  const arrived = jumpsMs.filter((ms) => !Number.isNaN(ms));
  return arrived.length === 0 ? 'none arrived' : `${median(arrived).toFixed(0)} (${arrived.length})`;
}

/** A file of the first lines beside the whole one. */
async function headOf(file: string, lines: number): Promise<string> {
  const head = path.join(path.dirname(file), `${lines}.txt`);
  const out = createWriteStream(head);
  let left = lines;
  const input = createReadStream(file);
  for await (const line of createInterface({ input })) {
    if (left-- === 0) break;
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  }
  input.destroy();
  out.end();
  await finished(out);
  return head;
}
