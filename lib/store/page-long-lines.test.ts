import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseFilter } from '@/lib/protocol/filter-parse';
import { LINE_BYTES_MAX, PAGE_CHARS_MAX, PAGE_LINES_SURE } from '@/lib/protocol/limits';
import { charsOf } from '@/lib/protocol/page-room';
import type { LinePage, PageStart, RunRef } from './store';
import { makeLine } from './testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from './testing/test-store';

const LINES = 100;
/** Two of three match the filters below. */
const isMatch = (line: number) => line % 3 !== 0;
const FITTING = PAGE_CHARS_MAX / LINE_BYTES_MAX;

function filterOf(query: string) {
  const parsed = parseFilter(new URLSearchParams(query));
  assert.ok(parsed.ok);
  return parsed.filter;
}

const numbers = ({ lines }: LinePage) => lines.map(({ batch, index }) => batch.firstLine + index);
const fits = ({ lines }: LinePage) => lines.reduce((sum, line) => sum + charsOf(line), 0) <= PAGE_CHARS_MAX;

describe('pages of the longest lines', () => {
  let context: TestStore;
  let run: RunRef;
  before(async () => {
    context = await openTestStore();
    run = await makeRun(context.store, 'long');
    for (let first = 1; first <= LINES; first += 20) {
      const lines = Array.from({ length: 20 }, (_, index) => {
        const word = isMatch(first + index) ? 'hit ' : 'miss';
        return makeLine(word.padEnd(LINE_BYTES_MAX, 'x'), { level: isMatch(first + index) ? 'error' : 'info' });
      });
      await appendLines(context.store, run, lines);
    }
  });
  after(() => context.close());
  const read = (start: PageStart, query: string, limit = 1000) =>
    context.store.readPage({ run, start, limit, filter: filterOf(query) });

  for (const query of ['', 'level=error', 'q=hit']) {
    const all = Array.from({ length: LINES }, (_, index) => index + 1).filter((line) => query === '' || isMatch(line));

    test(`have as many as there is room for, and joined hold each line once (${query || 'no filter'})`, async () => {
      const seen: number[] = [];
      let start: PageStart = { kind: 'offset', offset: 0 };
      for (let pages = 0; seen.length < all.length; pages++) {
        const page = await read(start, query);
        assert.ok(fits(page) && pages < LINES);
        assert.ok(numbers(page).length >= PAGE_LINES_SURE || page.lastSeen === LINES);
        seen.push(...numbers(page));
        assert.deepEqual(seen, all.slice(0, seen.length));
        start = { kind: 'after', line: page.lastSeen };
      }
      assert.equal((await read({ kind: 'after', line: 0 }, query, 1)).lines.length, 1);
    });

    test(`of the newest lines keep the newest, and tell up to where older ones are (${query || 'no filter'})`, async () => {
      const page = await read({ kind: 'tail', count: 1000 }, query);
      assert.ok(fits(page));
      assert.deepEqual(numbers(page), all.slice(-FITTING));
      assert.deepEqual([page.lastSeen, page.seenAfter], [LINES, all.at(-FITTING - 1)]);
      if (query !== 'q=hit') assert.deepEqual([page.total, page.offset], [all.length, all.length - FITTING]);
      else assert.equal(page.newestFrom, all[0]);
    });

    test(`tell nothing of older lines where none was left out (${query || 'no filter'})`, async () => {
      const page = await read({ kind: 'tail', count: 5 }, query);
      assert.deepEqual(numbers(page), all.slice(-5));
      assert.equal(page.seenAfter, query === 'q=hit' ? all.at(-6) : undefined);
    });
  }

  test('begin at a time and at an offset as others do', async () => {
    assert.deepEqual(numbers(await read({ kind: 'at', timeUs: 0 }, 'level=error')).slice(0, 3), [1, 2, 4]);
    const { offset, ...page } = await read({ kind: 'offset', offset: 50 }, '');
    assert.deepEqual([offset, numbers({ offset, ...page })[0]], [50, 51]);
  });
});
