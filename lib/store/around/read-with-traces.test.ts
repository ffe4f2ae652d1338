import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore } from '@/lib/store/testing/test-store';
import { readWithTraces } from './read-with-traces';

test('a page reads little besides its own lines, wherever it begins', async () => {
  const { store, close } = await openTestStore();
  const run = await makeRun(store, 'long');
  for (let first = 1; first <= 2000; first += 10) {
    const lines = Array.from({ length: 10 }, (_, index) => makeLine(`  line ${first + index}`));
    await appendLines(store, run, lines);
  }
  let reads = 0;
  const counted: Pick<typeof store, 'readPage'> = {
    readPage: (query) => {
      reads += 1;
      return store.readPage(query);
    },
  };
  const read = async (q: string) => {
    const parsed = parseTextQuery(q, false);
    assert.ok(parsed.ok && parsed.query);
    const query = { run, start: { kind: 'after', line: 1500 }, limit: 100, filter: { text: parsed.query } } as const;
    return (await readWithTraces(counted, query)).lines.map(({ batch, index }) => batch.firstLine + index);
  };
  assert.deepEqual(await read('nowhere'), []);
  assert.deepEqual(await read('1501'), [1501]);
  assert.ok(reads <= 8, `${reads} reads`);
  await close();
});
