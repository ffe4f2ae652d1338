import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { readHistory } from './history';
import { parseHistoryQuery } from './history-query';

/** Lines 1 to 60; those named here are matches. */
const HITS = [1, 2, 9, 10, 17, 30, 31, 32, 33, 47, 60];
const LAST = 60;

let context: TestStore;
before(async () => {
  context = await openTestStore();
  const run = await makeRun(context.store, 'around');
  const lines = Array.from({ length: LAST }, (_, index) => makeLine(HITS.includes(index + 1) ? 'needle' : 'hay'));
  for (let at = 0; at < LAST; at += 7) await appendLines(context.store, run, lines.slice(at, at + 7));
});
after(() => context.close());

async function read(query: string): Promise<{ ids: number[]; next: string }> {
  const { logs, pagination } = await readHistory(
    { store: context.store, waitForLine: async () => {}, draining: new AbortController().signal },
    'around',
    parseHistoryQuery(new URLSearchParams(`q=needle&${query}`)),
    new AbortController().signal,
  );
  return { ids: logs.map(({ id }) => id), next: pagination.next };
}

/** What grep -C gives. */
function around(lines: number, first = 1): number[] {
  const all = Array.from({ length: LAST - first + 1 }, (_, index) => first + index);
  return all.filter((id) => HITS.some((hit) => Math.abs(hit - id) <= lines));
}

for (const lines of [1, 2, 5]) {
  for (const limit of [1, 7, 20, 1000]) {
    test(`pages of ${limit} with ${lines} lines of context are, one after another, what one page would be`, async () => {
      const ids: number[] = [];
      let from = '0';
      for (let pages = 0; pages < 2 * LAST; pages++) {
        const page = await read(`after=${encodeURIComponent(from)}&limit=${limit}&context=${lines}`);
        ids.push(...page.ids);
        if (page.next === from) break;
        from = page.next;
      }
      assert.deepEqual(ids, around(lines));
    });
  }
}

test('the newest matches come with the lines before them', async () => {
  assert.deepEqual((await read('tail=10&context=2')).ids, [45, 46, 47, 48, 49, 58, 59, 60]);
});

test('a page that begins at a line holds what is next to a match before it', async () => {
  assert.deepEqual((await read('after=48&context=3')).ids, [49, 50, 57, 58, 59, 60]);
});

test('without matches there is no context', async () => {
  assert.deepEqual((await read('q=nothing&context=3')).ids, []);
});
