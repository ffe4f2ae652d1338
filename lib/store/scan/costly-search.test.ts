import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { RunRef } from '@/lib/store/store';
import { COSTLY_QUERY, costlyLine, watchedQuery } from '@/lib/store/testing/costly-lines';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { ScanPool } from './scan-pool';

const LINES = 400;
/** So near each other that none can be left out unnoticed. */
const MATCHES = Array.from({ length: LINES / 2 }, (_, n) => 2 * n + 1);

describe('a search that takes long', () => {
  let opened: TestStore;
  let run: RunRef;
  before(async () => {
    opened = await openTestStore();
    run = await makeRun(opened.store, 'costly');
    const lines = Array.from({ length: LINES }, (_, n) => costlyLine(n + 1, MATCHES.includes(n + 1)));
    await appendLines(
      opened.store,
      run,
      lines.map((line) => makeLine(line)),
    );
  });
  after(() => opened.close());

  test('is cut between two lines, so that other tasks are worked on', async () => {
    const pool = new ScanPool(opened.database.options, { size: 1 });
    const ranges = [{ firstLine: 1, lastLine: LINES }];
    const filter = { sets: {}, text: { source: COSTLY_QUERY, caseSensitive: false } };
    const signal = new AbortController().signal;
    const { ids, lastLine } = await pool.run({ kind: 'search', run, ranges, filter, limit: LINES }, signal);
    await pool.close();
    assert.ok(lastLine >= 1 && lastLine < LINES, `it went up to ${lastLine}`);
    assert.deepEqual(
      [...ids],
      MATCHES.filter((line) => line <= lastLine),
    );
  });

  test('goes on where it was cut, and finds all', async () => {
    const text = watchedQuery(COSTLY_QUERY, () => {});
    const query = { run, afterLine: 0, lastLine: LINES, filter: { text }, limit: LINES };
    const found: number[] = [];
    for await (const { ndjson } of opened.store.searchLines(query, new AbortController().signal)) {
      for (const [, id] of Buffer.from(ndjson)
        .toString()
        .matchAll(/"id":(\d+)/g))
        found.push(Number(id));
    }
    assert.deepEqual(found, MATCHES);
  });
});
