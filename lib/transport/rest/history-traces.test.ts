import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { readHistory } from './history';
import { parseHistoryQuery } from './history-query';

const LINES = [
  'starting',
  'Error: no such file',
  '    at open (node:fs:1:2)',
  '    at run (/app/needle.js:3:4)',
  "  code: 'ENOENT'",
  '}',
  'going on',
  'config:',
  '  needle: 1',
  '  other: 2',
  'Error: refused',
  '    at connect (net.js:1:1)',
  'the end',
];
/** The line's numbers of the first trace. */
const TRACE = [2, 3, 4, 5, 6];

let context: TestStore;
before(async () => {
  context = await openTestStore();
  const run = await makeRun(context.store, 'traced');
  const lines = LINES.map((message) => makeLine(message, { level: message.startsWith('Error') ? 'error' : 'info' }));
  // Cut within both traces.
  for (let at = 0; at < lines.length; at += 4) await appendLines(context.store, run, lines.slice(at, at + 4));
});
after(() => context.close());

async function read(query: string, runId = 'traced'): Promise<{ ids: number[]; next: string }> {
  const { logs, pagination } = await readHistory(
    { store: context.store, waitForLine: async () => {}, draining: new AbortController().signal },
    runId,
    parseHistoryQuery(new URLSearchParams(`traces=true&${query}`)),
    new AbortController().signal,
  );
  return { ids: logs.map(({ id }) => id), next: pagination.next };
}

test('a match brings the rest of its trace, wherever in it it is', async () => {
  assert.deepEqual((await read('q="no such file"')).ids, TRACE);
  assert.deepEqual((await read('q=run')).ids, TRACE);
  assert.deepEqual((await read('level=error')).ids, [...TRACE, 11, 12]);
  assert.deepEqual((await read('level=error&tail=100')).ids, [...TRACE, 11, 12]);
});

test('lines that are indented and no trace stay away', async () => {
  assert.deepEqual((await read('q="needle: 1"')).ids, [9]);
  assert.deepEqual((await read('q=config')).ids, [8]);
});

test('what the text excludes, and what is outside the times, stays out', async () => {
  assert.deepEqual((await read('q=Error -ENOENT -refused')).ids, [2, 3, 4, 6]);
  assert.deepEqual((await read('q=-at&level=error')).ids, [2, 5, 6, 11]);
});

for (const limit of [1, 2, 3, 5, 100]) {
  test(`pages of ${limit} are, one after another, what one page would be`, async () => {
    const ids: number[] = [];
    let from = '0';
    for (let pages = 0; pages < 2 * LINES.length; pages++) {
      const page = await read(`level=error&after=${encodeURIComponent(from)}&limit=${limit}`);
      ids.push(...page.ids);
      if (page.next === from) break;
      from = page.next;
    }
    assert.deepEqual(ids, [...TRACE, 11, 12]);
  });
}

test('a page of the newest lines keeps the newest', async () => {
  assert.deepEqual((await read('level=error&tail=3')).ids, [6, 11, 12]);
  assert.deepEqual((await read('level=error&tail=1')).ids, [12]);
});

test('traces of tasks that write at the same time are whole, each', async () => {
  const run = await makeRun(context.store, 'interleaved');
  const lines = [
    'Error: a',
    'Error: b',
    '    at a (a.js:1:1)',
    '    at b (b.js:1:1)',
    '    at a (a.js:2:2)',
    'b goes on',
  ];
  const streams = ['stdout', 'stderr'] as const;
  await appendLines(
    context.store,
    run,
    lines.map((message, index) => makeLine(message, { stream: streams[index % 2] ?? 'stdout' })),
  );
  assert.deepEqual((await read('q="Error: a"', 'interleaved')).ids, [1, 3, 5]);
  assert.deepEqual((await read('q="b.js"', 'interleaved')).ids, [2, 4]);
});

test('a match within a trace hides nothing of what follows in it', async () => {
  const run = await makeRun(context.store, 'described');
  const lines = ['Error: a', '    at a (a.js:1:1)', "  code: 'needle'", "  call: 'needle'", '}', 'going on'];
  await appendLines(
    context.store,
    run,
    lines.map((message) => makeLine(message)),
  );
  assert.deepEqual((await read('q=needle', 'described')).ids, [1, 2, 3, 4, 5]);
});
