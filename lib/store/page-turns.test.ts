import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PageStart, RunRef } from './store';
import { COSTLY_QUERY, costlyLine, watchedQuery } from './testing/costly-lines';
import { makeLine } from './testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from './testing/test-store';

const LINES = 300;
/** Every hundredth line. */
const MATCHES = [100, 200, 300];

describe('a page under a costly expression', () => {
  let context: TestStore;
  let run: RunRef;
  before(async () => {
    context = await openTestStore();
    run = await makeRun(context.store, 'costly');
    const lines = Array.from({ length: LINES }, (_, n) => costlyLine(n + 1, MATCHES.includes(n + 1)));
    await appendLines(
      context.store,
      run,
      lines.map((line) => makeLine(line)),
    );
  });
  after(() => context.close());

  for (const start of [
    { kind: 'offset', offset: 0 },
    { kind: 'tail', count: 1000 },
  ] as const satisfies readonly PageStart[]) {
    test(`gives others their turn between the lines of a chunk and holds all its matches: ${start.kind}`, async () => {
      const order: string[] = [];
      let isDone = false;
      const otherWork = () => {
        if (order.at(-1) === 'line') order.push('other');
        if (!isDone) setImmediate(otherWork);
      };
      setImmediate(otherWork);
      const text = watchedQuery(COSTLY_QUERY, () => order.at(-1) === 'line' || order.push('line'));
      const page = await context.store.readPage({ run, start, limit: 1000, filter: { text } });
      isDone = true;
      assert.deepEqual(
        page.lines.map(({ batch, index }) => batch.firstLine + index),
        MATCHES,
      );
      assert.equal(page.lastSeen, LINES);
      const others = order.filter((what) => what === 'other').length;
      assert.ok(others >= 3, `others had ${others} turns`);
    });
  }

  test('is not read on for a reader who has left', async () => {
    const gone = new AbortController();
    const reason = new Error('gone');
    let looked = 0;
    const text = watchedQuery(COSTLY_QUERY, () => {
      looked += 1;
      if (looked === 5) gone.abort(reason);
    });
    const start = { kind: 'offset', offset: 0 } as const;
    const page = context.store.readPage({ run, start, limit: 1000, filter: { text }, signal: gone.signal });
    await assert.rejects(page, reason);
    assert.ok(looked < LINES, `${looked} lines were looked at`);
  });
});
