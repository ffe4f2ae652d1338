import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { freemem } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openDatabase } from '@/bench/open-database';
import type { BenchOptions } from '@/bench/options';
import { readText } from '@/bench/read-answer';
import { median, quantile, ratio, timed } from '@/bench/report';
import { type ServerProcess, startStratal } from '@/bench/server-process';
import { settledChunks } from '@/bench/settled-chunks';
import { seeded } from '@/e2e/seeded';
import { fillRun, RARE_WORD } from './fill-run';
import { compareOthers } from './others';
import { ViewerTab } from './viewer-tab';

/** `--lines=200000` is a quick look; `--rounds` is how often a page is loaded. */
const LINES = 10_000_000;
const SMALL_LINES = 1000;
const ROUNDS = 10;
const JUMPS = 100;
const SEARCHES = 7;
const RUNS = { large: 'viewer-large', small: 'viewer-small' };
/** What the others may take before they count as having given up. */
const OTHERS_SECONDS = 120;
const OTHERS_BYTES = 4e9;

interface Measured {
  linesMs: number[];
  connectedMs: number[];
  jumpsMs: number[];
  heap: number;
  rss: number;
}

/**
 * A run's page in Chromium on a run of `--lines` and on one of 1,000: loading, jumping, searching, memory;
 * beside it the same lines as a text file and in another viewer from npm.
 */
export async function benchViewer(options: BenchOptions): Promise<void> {
  const lines = options.lines?.[0] ?? LINES;
  const server = await startStratal();
  try {
    await fill(server, lines);
    await pages(server, lines, options.rounds ?? ROUNDS);
    await search(server, lines);
    const file = path.join(server.folder, 'files', 'large.txt');
    await download(server, file);
    const limits = { seconds: OTHERS_SECONDS, bytes: Math.min(OTHERS_BYTES, freemem() / 2) };
    await compareOthers(file, lines, limits);
  } finally {
    await server.stop();
  }
}

async function fill(server: ServerProcess, lines: number): Promise<void> {
  const sql = openDatabase(server);
  try {
    const seconds = await timed(async () => {
      await fillRun(server, RUNS.small, SMALL_LINES);
      await fillRun(server, RUNS.large, lines);
      await settledChunks(sql);
    });
    await sql`vacuum analyze log_chunks`;
    console.log(
      `## The viewer on a run of ${lines.toLocaleString('en')} lines, filled in ${seconds.toFixed(0)} s, and on one of ${SMALL_LINES.toLocaleString('en')}\n`,
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Both runs in turn, each in a browser of its own, so that neither has what the other left in memory. */
async function pages(server: ServerProcess, lines: number, rounds: number): Promise<void> {
  const large = await measure(server, RUNS.large, lines, rounds);
  const small = await measure(server, RUNS.small, SMALL_LINES, rounds);
  const ms = (values: readonly number[], share: number) => quantile(values, share).toFixed(0);
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
  const [big, few] = [sorted(large.jumpsMs), sorted(small.jumpsMs)];
  const share = (a: number, b: number) => (a / b).toFixed(2);
  console.log('| what | large run | small run | ratio | aim |\n|---|---|---|---|---|');
  const load = (words: string, which: 'linesMs' | 'connectedMs', aim: string) =>
    console.log(
      `| ${words}, ms (median of ${rounds}) | ${median(large[which]).toFixed(0)} | ${median(small[which]).toFixed(0)} | ${ratio(large[which], small[which])} | ${aim} |`,
    );
  load('navigation to lines in sight', 'linesMs', '1.5');
  load('navigation to stream connected', 'connectedMs', '');
  for (const [words, at, aim] of [
    ['p50', 0.5, '1.5'],
    ['p95', 0.95, '1.5; about 150 ms'],
  ] as const)
    console.log(
      `| jump to a random line, ms (${words} of ${JUMPS}) | ${ms(big, at)} | ${ms(few, at)} | ${share(quantile(big, at), quantile(few, at))} | ${aim} |`,
    );
  console.log(
    `| heap after ${JUMPS} jumps, MB | ${mb(large.heap)} | ${mb(small.heap)} | ${share(large.heap, small.heap)} | 1.5; under 150 MB |`,
  );
  console.log(
    `| resident memory of the tab's process, MB | ${mb(large.rss)} | ${mb(small.rss)} | ${share(large.rss, small.rss)} | |\n`,
  );
}

async function measure(server: ServerProcess, run: string, lines: number, rounds: number): Promise<Measured> {
  const tab = await ViewerTab.open(server.url);
  try {
    const linesMs: number[] = [];
    const connectedMs: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const load = await tab.load(run);
      if (round < 0) continue; // Scripts and caches.
      linesMs.push(load.linesMs);
      connectedMs.push(load.connectedMs);
    }
    const random = seeded(lines);
    const jumpsMs: number[] = [];
    for (let jump = 0; jump < JUMPS; jump++) jumpsMs.push(await tab.jump(1 + Math.floor(random() * lines)));
    // Both ends are reached, however high an element may be.
    for (const end of [lines, 1, lines]) await tab.jump(end);
    return { linesMs, connectedMs, jumpsMs, heap: await tab.tab.heap(), rss: await tab.tab.rss() };
  } finally {
    await tab.close();
  }
}

/** The page's search for the rare word beside the same question to the API. */
async function search(server: ServerProcess, lines: number): Promise<void> {
  const url = `${server.url}/api/v1/logs/job-runs/${RUNS.large}/search?limit=1000&q=${RARE_WORD}`;
  const tab = await ViewerTab.open(server.url);
  try {
    const api: number[] = [];
    const fetched: number[] = [];
    const first: number[] = [];
    const all: number[] = [];
    let total = 0;
    let count = 0;
    for (let round = -1; round < SEARCHES; round++) {
      let text = '';
      const apiMs = 1000 * (await timed(async () => (text = await readText(url))));
      total = Number(/\{"total":(\d+),/.exec(text)?.[1]);
      await tab.load(RUNS.large);
      const fetchedMs = await tab.fetchText(url);
      const found = await tab.search();
      if (found === undefined) {
        console.log('The page has no search over the whole run.\n');
        return;
      }
      if (round < 0) continue; // Scripts and caches.
      api.push(apiMs);
      fetched.push(fetchedMs);
      first.push(found.firstMs);
      all.push(found.allMs);
      count = found.count;
    }
    console.log(
      `| search for a rare word in ${lines.toLocaleString('en')} lines | matches | ms (median of ${SEARCHES}) | against the API |\n|---|---|---|---|`,
    );
    console.log(`| API, all matches | ${total} | ${median(api).toFixed(0)} | 1 |`);
    console.log(`| the same by a bare fetch in the page | | ${median(fetched).toFixed(0)} | ${ratio(fetched, api)} |`);
    console.log(`| page, first match | | ${median(first).toFixed(0)} | ${ratio(first, api)} |`);
    console.log(`| page, all matches | ${count} | ${median(all).toFixed(0)} | ${ratio(all, api)} |\n`);
  } finally {
    await tab.close();
  }
}

async function download(server: ServerProcess, file: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/logs/job-runs/${RUNS.large}/download?format=raw`);
  if (!answer.body) throw new Error(`the download was answered with ${answer.status}`);
  await mkdir(path.dirname(file), { recursive: true });
  await pipeline(Readable.from(answer.body), createWriteStream(file));
}
