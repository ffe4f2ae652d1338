import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LINE_BYTES_MAX, PAGE_CHARS_MAX } from '@/lib/protocol/limits';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { readHistory } from './history';
import { parseHistoryQuery } from './history-query';

const LINES = 160;
const long = (text: string) => text.padEnd(LINE_BYTES_MAX, 'x');
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('pages with what comes with matches, of the longest lines', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
    const wide = await makeRun(context.store, 'wide');
    const traced = await makeRun(context.store, 'traced');
    const mixed = await makeRun(context.store, 'mixed');
    for (let first = 1; first <= LINES; first += 20) {
      const numbers = range(first, first + 19);
      await appendLines(
        context.store,
        wide,
        numbers.map((line) => makeLine(long(line <= 70 || line === 120 ? 'hit' : 'miss'))),
      );
      // Traces of three lines, of which the last one is long.
      const trace = ['going on', 'going on', 'Error: wrong', '    at f (f.js:1:1)', long('    at hit (f.js:1:1)')];
      await appendLines(
        context.store,
        mixed,
        numbers.map((line) => makeLine(trace[(line - 1) % trace.length] ?? '')),
      );
      // One trace of eighty lines, of which the first says what went wrong.
      await appendLines(
        context.store,
        traced,
        numbers.map((line) =>
          makeLine(
            long(line === 21 ? 'Error: wrong ' : line > 21 && line <= 100 ? '    at f (f.js:1:1) ' : 'going on '),
            {
              level: line === 21 || line === 90 ? 'error' : 'info',
            },
          ),
        ),
      );
    }
  });
  after(() => context.close());

  async function read(run: string, query: string) {
    const { logs, pagination } = await readHistory(
      { store: context.store, waitForLine: async () => {}, draining: new AbortController().signal },
      run,
      parseHistoryQuery(new URLSearchParams(query)),
      new AbortController().signal,
    );
    assert.ok(logs.reduce((sum, { message }) => sum + message.length, 0) <= PAGE_CHARS_MAX, 'the page is too large');
    return { ids: logs.map(({ id }) => id), ...pagination };
  }

  async function readAll(run: string, query: string): Promise<number[]> {
    const ids: number[] = [];
    for (let from = '0', pages = 0; ; pages++) {
      const page = await read(run, `${query}&limit=1000&after=${encodeURIComponent(from)}`);
      ids.push(...page.ids);
      if (page.next === from) return ids;
      assert.ok(pages < LINES, 'the pages go on without end');
      from = page.next;
    }
  }

  for (const lines of [2, 50]) {
    test(`joined hold each line once: ${lines} lines of context`, async () => {
      const after = range(120 - lines, Math.min(LINES, 120 + lines)).filter((line) => line > 70 + lines);
      assert.deepEqual(await readAll('wide', `q=hit&context=${lines}`), [...range(1, 70 + lines), ...after]);
    });
  }

  test('joined hold what is next to the match for which the page before had no room', async () => {
    const hits = range(1, LINES).filter((line) => line % 5 === 0);
    assert.deepEqual(
      await readAll('mixed', 'q=hit&context=1'),
      hits.flatMap((line) => range(line - 1, Math.min(LINES, line + 1))),
    );
    assert.deepEqual(
      await readAll('mixed', 'q=hit&traces=true'),
      hits.flatMap((line) => range(line - 2, line)),
    );
  });

  test('of the newest lines keep the newest: context', async () => {
    const page = await read('wide', 'q=hit&context=50&tail=1000');
    assert.equal(page.ids.at(-1), LINES);
    assert.deepEqual(page.ids, range(LINES - page.ids.length + 1, LINES));
    assert.equal(page.looked_after, LINES - page.ids.length);
  });

  test('joined hold each line once: traces', async () => {
    assert.deepEqual(await readAll('traced', 'level=error&traces=true'), range(21, 100));
    assert.deepEqual(await readAll('traced', 'q=wrong&traces=true'), range(21, 100));
  });

  test('of the newest lines keep the newest: traces', async () => {
    const page = await read('traced', 'level=error&traces=true&tail=1000');
    assert.deepEqual(page.ids, range(100 - page.ids.length + 1, 100));
    assert.equal(page.looked_after, 100 - page.ids.length);
  });
});
