import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { type HistoryContext, readHistory } from './history';
import { parseHistoryQuery } from './history-query';

describe('a page of history', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  for (const filter of ['', '&level=info', '&q=line']) {
    test(`after lines that retention takes in this moment is refused, not begun further on (${filter || 'no filter'})`, async () => {
      const { store } = context;
      const run = await makeRun(store, `cut${filter.length}`);
      for (let chunk = 0; chunk < 4; chunk++) await appendLines(store, run, [makeLine('line'), makeLine('line')]);
      const history: HistoryContext = {
        store: {
          ...store,
          readPage: async (query) => {
            await store.truncateRun(run.key, 7, 100);
            return store.readPage(query);
          },
        },
        waitForLine: async () => {},
        draining: new AbortController().signal,
      };
      const read = (query: string) =>
        readHistory(
          history,
          run.id,
          parseHistoryQuery(new URLSearchParams(`${query}${filter}`)),
          new AbortController().signal,
        );
      await assert.rejects(read('after=3'), (error) => {
        assert.ok(isStratalError(error) && error.code === 'STRATAL_CURSOR_RESET');
        assert.deepEqual([error.members.reason, error.members.first, error.members.last], ['truncated', 7, 8]);
        return true;
      });
      assert.deepEqual(
        (await read('after=0')).logs.map(({ id }) => id),
        [7, 8],
      );
    });
  }
});
