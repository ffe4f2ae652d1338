import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LineRange } from '@/lib/protocol/line-range';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import { ConnectionNews } from './connection-news';
import { NoSuchLines } from './read-failure';
import { describeReset } from './reset-words';
import { readStoredLines } from './stored-lines';
import { type Answer, fakeServer, URL_OF_SERVER } from './testing/fake-answers';

interface Asked {
  attemptsMax?: number;
  lines?: LineRange;
}

/** Reads what a server that answers so has; what it was asked for, what was read, and what was told. */
async function read(answers: Answer[], { attemptsMax = 5, lines }: Asked = {}) {
  const { service, asked } = fakeServer(answers);
  const said: string[] = [];
  const ids: number[] = [];
  const say = (sentence: string) => {
    said.push(sentence);
  };
  const pages = readStoredLines({
    service,
    runId: 'r',
    filter: {},
    after: (lines?.first ?? 1) - 1,
    last: lines?.last ?? 4,
    lines,
    patience: { attemptsMax, demandMaxMs: 30_000 },
    news: new ConnectionNews(URL_OF_SERVER, say),
    onReset: async (event, last) => say(describeReset(event, last)),
  });
  let failure: unknown;
  try {
    for await (const { logs } of pages) ids.push(...logs.map(({ id }) => id));
  } catch (error) {
    failure = error;
  }
  return { asked, ids, said, failure };
}

test('a server that goes away between two pages is waited for, and each line read once', async () => {
  const first = { lines: [1, 2], next: 'e-r1.2' };
  const second = { lines: [3, 4], next: 'e-r1.4' };
  const { asked, ids, said } = await read([first, 'away', 'stopping', second]);
  assert.deepEqual(ids, [1, 2, 3, 4]);
  assert.deepEqual(asked, ['0', 'e-r1.2', 'e-r1.2', 'e-r1.2']);
  assert.deepEqual(said, [
    'http://localhost:8080 does not answer; trying again until it does',
    'connected again; going on where it broke off',
  ]);
});

test('after so many attempts in a row what went wrong is thrown', async () => {
  const { ids, failure } = await read([{ lines: [1], next: 'e-r1.1' }, 'away', 'away'], { attemptsMax: 2 });
  assert.deepEqual(ids, [1]);
  assert.match(String(failure), /did not answer/);
});

test('pages go on over lines that a filter leaves out, and end where nothing follows', async () => {
  const empty = { lines: [], next: 'e-r1.3' };
  const { asked, ids } = await read([{ lines: [1], next: 'e-r1.1' }, empty, empty]);
  assert.deepEqual(ids, [1]);
  assert.deepEqual(asked, ['0', 'e-r1.1', 'e-r1.3']);
});

test('what retention took between two pages is told, and the reading goes on behind it', async () => {
  const reset: ResetEvent = { reason: 'truncated', first: 3, last: 4, cursor: 'e-r1.2' };
  const { asked, ids, said } = await read([
    { lines: [1], next: 'e-r1.1' },
    { reset },
    { lines: [3, 4], next: 'e-r1.4' },
  ]);
  assert.deepEqual(ids, [1, 3, 4]);
  assert.deepEqual(asked, ['0', 'e-r1.1', 'e-r1.2']);
  assert.deepEqual(said, ['retention removed the lines up to 2 before they were read; going on with line 3']);
});

test('another log in the place of the one that was read is told, and read to its own end', async () => {
  const reset: ResetEvent = { reason: 'epoch', first: 1, last: 9, cursor: 'f-r1.0' };
  const { ids, said } = await read([
    { lines: [1, 2], next: 'e-r1.2' },
    { reset },
    { lines: [1, 2, 3, 4, 5], next: 'f-r1.5' },
    { lines: [6, 7, 8, 9], next: 'f-r1.9' },
  ]);
  assert.deepEqual(ids, [1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(said, ['the log that was read is gone, and another one in its place; it begins here, with line 1']);
});

test('a range has none of the lines of another log, and ends with a word on it', async () => {
  for (const reason of ['epoch', 'ahead'] as const) {
    const { ids, failure } = await read(
      [
        { lines: [3], next: 'e-r1.3' },
        { reset: { reason, first: 1, last: 9, cursor: 'f-r1.0' } },
        { lines: [1, 2, 3, 4], next: 'f-r1.4' },
      ],
      { lines: { first: 3, last: 4 } },
    );
    assert.deepEqual(ids, [3]);
    assert.ok(failure instanceof NoSuchLines);
  }
});

test('of a range what retention leaves is read, to its own end', async () => {
  const reset: ResetEvent = { reason: 'truncated', first: 2, last: 90, cursor: 'e-r1.1' };
  const { ids, asked } = await read([{ reset }, { lines: [2, 3, 4, 5, 6], next: 'e-r1.6' }], {
    lines: { first: 3, last: 4 },
  });
  assert.deepEqual(
    [ids, asked],
    [
      [3, 4],
      ['2', 'e-r1.1'],
    ],
  );
});

test('a range that retention takes whole is at its end', async () => {
  const reset: ResetEvent = { reason: 'truncated', first: 50, last: 90, cursor: 'e-r1.49' };
  const { ids, said, asked } = await read([{ lines: [3], next: 'e-r1.3' }, { reset }], {
    lines: { first: 3, last: 40 },
  });
  assert.deepEqual([ids, asked], [[3], ['2', 'e-r1.3']]);
  assert.deepEqual(said, ['retention removed the lines up to 49 before they were read']);
});

test('a server whose every answer is that the lines are gone is not asked without end', async () => {
  const reset: Answer = { reset: { reason: 'truncated', first: 1, last: 4, cursor: 'e-r1.0' } };
  const { asked, failure } = await read(Array<Answer>(50).fill(reset), { attemptsMax: 3 });
  assert.equal(asked.length, 3);
  assert.match(String(failure), /gone before they could be read, 3 times in a row/);
  const between = await read([reset, reset, { lines: [1], next: 'e-r1.1' }, reset, { lines: [4], next: 'e-r1.4' }], {
    attemptsMax: 3,
  });
  assert.deepEqual([between.ids, between.failure], [[1, 4], undefined]);
});

test('where the server demands a long time the reading ends with its sentence', async () => {
  const { asked, failure } = await read([{ lines: [1], next: 'e-r1.1' }, { stopping: { retryAfter: 999_999_999 } }]);
  assert.equal(asked.length, 2);
  assert.match(String(failure), /No\./);
});

test('pages that lead nowhere are not read without end', async () => {
  const empty = (next: string): Answer => ({ lines: [], next });
  for (const page of [empty('e-r1.0'), empty('e-r1.1'), empty('e-r2.1'), empty('x'), { lines: [2], next: 'e-r1.2' }]) {
    const answers: Answer[] = [{ lines: [1, 2], next: 'e-r1.2' }, page, page, empty('y'), empty('x'), empty('y')];
    const { failure } = await read(answers);
    assert.match(String(failure), /do not go on behind line 2/);
    assert.equal(answers.length, 4);
  }
});
