import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { matchesLine } from '@/lib/protocol/filter-match';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { LineInput } from '@/lib/store/line-batch';
import type { RunRef } from '@/lib/store/store';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { ScanPool } from './scan-pool';
import type { SearchQuery } from './scan-query';
import { startScanWorker } from './start-worker';

const LINES = 12_000;
const START_US = 1_700_000_000_000_000;
/** One of its own for each reader, as each has one. */
const never = () => new AbortController().signal;

function lineOf(number: number): LineInput {
  return makeLine(
    `line ${number} ${number % 500 === 0 ? 'RARE' : 'plain'}${number % 7 === 0 ? ' \x1b[1mseven\x1b[0m' : ''}`,
    {
      level: number % 10 === 0 ? 'error' : 'info',
      stream: number % 3 === 0 ? 'stderr' : 'stdout',
      // Not in order, as producers' clocks are.
      timeUs: START_US + (number % 2 === 0 ? number : LINES - number) * 1000,
      continues: number % 11 === 0,
    },
  );
}

function text(source: string) {
  const parsed = parseTextQuery(source, false);
  assert.ok(parsed.ok && parsed.query);
  return parsed.query;
}

describe('lines that are scanned in workers', () => {
  let opened: TestStore;
  let run: RunRef;
  const lines = Array.from({ length: LINES }, (_, index) => lineOf(index + 1));
  before(async () => {
    opened = await openTestStore();
    run = await makeRun(opened.store, 'scanned');
    // Chunks of many sizes, the last ones small.
    for (let at = 0, size = 5000; at < LINES; at += size, size = Math.max(50, size >> 1)) {
      await appendLines(opened.store, run, lines.slice(at, at + size));
    }
  });
  after(() => opened.close());

  async function search(query: Partial<SearchQuery>) {
    let ndjson = '';
    const seen: number[] = [];
    const whole = { run, afterLine: 0, lastLine: LINES, filter: {}, limit: LINES, ...query };
    for await (const piece of opened.store.searchLines(whole, never())) {
      ndjson += Buffer.from(piece.ndjson).toString();
      seen.push(piece.lastLine);
    }
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    const found = ndjson
      .split('\n')
      .filter((one) => one !== '')
      .map((one): unknown => JSON.parse(one));
    return { found, lastLine: seen.at(-1) };
  }

  function expected(query: Partial<SearchQuery>) {
    const { filter = {}, afterLine = 0, lastLine = LINES } = query;
    return lines.flatMap((line, index) => {
      const id = index + 1;
      if (id <= afterLine || id > lastLine || !matchesLine(filter, line, line.timeUs, line.message)) return [];
      return [{ id, ranges: filter.text?.ranges(line.message) ?? [] }];
    });
  }

  test('a search finds in order what a look at each line finds', async () => {
    const queries: Array<Partial<SearchQuery>> = [
      { filter: { text: text('rare') } },
      { filter: { text: text('line -plain') } },
      { filter: { text: text('/SEVEN$/') }, afterLine: 4321, lastLine: 11_111 },
      { filter: { text: text('/\\d{4} pl/'), levels: new Set(['error']), streams: new Set(['stderr']) } },
      { filter: { fromUs: START_US + 5_000_000, toUs: START_US + 5_002_000 } },
      { filter: { text: text('nowhere') } },
      { afterLine: LINES },
    ];
    for (const query of queries)
      assert.deepEqual(await search(query), {
        found: expected(query),
        lastLine: query.lastLine ?? LINES,
      });
  });

  test('a search ends at its limit, and the next one goes on behind its last line', async () => {
    const query = { filter: { text: text('seven') }, limit: 700 };
    const all = expected(query);
    const first = await search(query);
    assert.deepEqual(first.found, all.slice(0, 700));
    assert.equal(first.lastLine, 4900);
    const second = await search({ ...query, afterLine: 4900, limit: LINES });
    assert.deepEqual(second.found, all.slice(700));
  });

  test('searches at the same time do not disturb each other', async () => {
    const queries = ['rare', '/n 1\\d+5 /', 'line seven', '-line', 'plain'].map((q) => ({ filter: { text: text(q) } }));
    const all = await Promise.all(queries.map(search));
    assert.deepEqual(
      all.map(({ found }) => found),
      queries.map(expected),
    );
  });

  test('a file is made of the lines as each of them is written', async () => {
    const head = await opened.store.runHeadByKey(run.key);
    assert.ok(head);
    const query = { run: head, firstLine: 3, lastLine: 11_990 };
    const asked = lines.slice(2, 11_990);
    const files = {
      raw: asked.map(({ message, continues }) => (continues ? message : `${message}\n`)),
      text: asked.map(({ message, timeUs }) => `${formatTimestamp(timeUs)} ${message}\n`),
    };
    for (const [format, whole] of Object.entries(files)) {
      const pieces: Uint8Array[] = [];
      const render = { ...query, format: format === 'raw' ? ('raw' as const) : ('text' as const), filter: {} };
      for await (const piece of opened.store.renderLines(render, never())) pieces.push(piece);
      assert.equal(Buffer.concat(pieces).toString(), whole.join(''));
    }
  });

  test('volume counts each line in its stretch of time, by level', async () => {
    const ask = { run, fromUs: undefined, toUs: undefined, buckets: 7, filter: {} };
    const volume = await opened.store.volume(ask, never());
    assert.equal(volume.bins.length, 7);
    assert.equal(volume.bucket_ms, Math.ceil(11_999 / 7));
    const counted = volume.bins.map((bin, index) => {
      const inBin = lines.filter(({ timeUs }) => {
        const fromUs = START_US + 1000 + index * volume.bucket_ms * 1000;
        return timeUs >= fromUs && timeUs < fromUs + volume.bucket_ms * 1000;
      });
      assert.equal(bin.at, formatTimestamp(START_US + 1000 + index * volume.bucket_ms * 1000));
      const error = inBin.filter(({ level }) => level === 'error').length;
      return { at: bin.at, info: inBin.length - error, error, warn: 0, debug: 0 };
    });
    assert.deepEqual(volume.bins, counted);
    const [fromUs, toUs] = [START_US + 1_000_500, START_US + 1_003_000];
    const part = await opened.store.volume({ ...ask, fromUs, toUs, filter: { levels: new Set(['info']) } }, never());
    const within = lines.filter((line) => line.level === 'info' && line.timeUs >= fromUs && line.timeUs < toUs).length;
    assert.equal(
      part.bins.reduce((sum, { info, error }) => sum + info + error, 0),
      within,
    );
    assert.equal(part.bucket_ms, 1);
  });

  test('volume of a run without lines has no bins', async () => {
    const empty = await makeRun(opened.store, 'empty');
    const ask = { run: empty, fromUs: undefined, toUs: undefined, buckets: 100, filter: {} };
    assert.deepEqual((await opened.store.volume(ask, never())).bins, []);
  });

  describe('the pool', () => {
    const pools: ScanPool[] = [];
    const startPool = (start = startScanWorker) => {
      const pool = new ScanPool(opened.database.options, { size: 1, startWorker: start });
      pools.push(pool);
      return pool;
    };
    after(() => Promise.all(pools.map((pool) => pool.close())));

    const task = (source: string) => ({
      kind: 'search' as const,
      run,
      ranges: [{ firstLine: 1, lastLine: LINES }],
      filter: { sets: {}, text: { source, caseSensitive: false } },
      limit: LINES,
    });

    test('lets go of a cancelled task at once, whether it waits or is being worked on', async () => {
      const pool = startPool();
      const reason = new Error('gone');
      const controllers = [1, 2, 3].map(() => new AbortController());
      const results = controllers.map(({ signal }) => pool.run(task('/[0-9]{1,50}x/'), signal));
      for (const controller of controllers) controller.abort(reason);
      for (const result of await Promise.allSettled(results)) {
        assert.deepEqual(result, { status: 'rejected', reason });
      }
      await assert.rejects(pool.run(task('x'), AbortSignal.abort(reason)), reason);
      assert.equal((await pool.run(task('rare'), never())).ids.length, LINES / 500);
    });

    test('leaves a processor to lines that come in', async () => {
      let isLive = true;
      let workers = 0;
      const startWorker: typeof startScanWorker = (data) => {
        workers += 1;
        return startScanWorker(data);
      };
      const options = { size: 2, processors: 2, isLive: () => isLive, startWorker };
      const pool = new ScanPool(opened.database.options, options);
      pools.push(pool);
      const runAll = () => Promise.all(Array.from({ length: 6 }, () => pool.run(task('rare'), never())));
      await runAll();
      assert.equal(workers, 1);
      isLive = false;
      await runAll();
      assert.equal(workers, 2);
    });

    test('lets a worker come to rest where lines begin to come in while all have something to do', async () => {
      let isLive = false;
      const tasksOf = new Map<Worker, number>();
      const startWorker: typeof startScanWorker = (data) => {
        const worker = startScanWorker(data);
        const send = worker.postMessage.bind(worker);
        worker.postMessage = (message: unknown) => {
          tasksOf.set(worker, (tasksOf.get(worker) ?? 0) + 1);
          send(message);
        };
        return worker;
      };
      const pool = new ScanPool(opened.database.options, { size: 2, processors: 2, isLive: () => isLive, startWorker });
      pools.push(pool);
      const results = Array.from({ length: 10 }, () => pool.run(task('rare'), never()));
      isLive = true;
      for (const { ids } of await Promise.all(results)) assert.equal(ids.length, LINES / 500);
      // Each had two at once, and one of them all that waited.
      assert.deepEqual([...tasksOf.values()], [8, 2]);
    });

    test('fails what a worker did that ends, and goes on with another', async () => {
      const workers: Worker[] = [];
      const pool = startPool((data) => {
        const worker = startScanWorker(data);
        workers.push(worker);
        return worker;
      });
      await pool.run(task('rare'), never());
      // It is ending when it is given the tasks, and the pool does not know yet.
      const ending = workers[0]?.terminate();
      const [first, second, third] = await Promise.allSettled([1, 2, 3].map(() => pool.run(task('rare'), never())));
      await ending;
      for (const result of [first, second]) {
        assert.equal(result?.status === 'rejected' && result.reason.code, 'STRATAL_INTERNAL');
      }
      assert.equal(third?.status, 'fulfilled');
      assert.equal(workers.length, 2);
    });
  });
});
