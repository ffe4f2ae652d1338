import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogStreamingService } from '@/lib/client/log-streaming-service';
import { ConnectionNews } from './connection-news';
import { readStoredLines } from './stored-lines';

const URL_OF_SERVER = 'http://localhost:8080';

type Answer = { lines: number[]; next: string; ended?: boolean } | { reset: object } | 'away' | 'stopping';

function answer(given: Answer): Response {
  if (given === 'away') throw new TypeError('fetch failed');
  if (given === 'stopping' || 'reset' in given) {
    const [status, code] = given === 'stopping' ? [503, 'STRATAL_DRAINING'] : [410, 'STRATAL_CURSOR_RESET'];
    const members = given === 'stopping' ? {} : given.reset;
    const problem = { type: 'about:blank', title: code, status, detail: 'No.', code, ...members };
    return Response.json(problem, { status });
  }
  const logs = given.lines.map((id) => ({
    id,
    job_run_id: 'r',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message: `line ${id}`,
  }));
  const { next, ended = false } = given;
  const pagination = { total: null, limit: 1000, offset: null, count: logs.length, next, ended };
  return Response.json({ logs, pagination });
}

/** Reads what a server that answers so has; what it was asked for, what was read, and what was told. */
async function read(answers: Answer[], attemptsMax = 5) {
  const asked: Array<string | null> = [];
  const said: string[] = [];
  const ids: number[] = [];
  const fetch = async (url: Parameters<typeof globalThis.fetch>[0]) => {
    asked.push(new URL(String(url)).searchParams.get('after'));
    return answer(answers.shift() ?? 'away');
  };
  const say = (sentence: string) => {
    said.push(sentence);
  };
  const pages = readStoredLines({
    service: new LogStreamingService(URL_OF_SERVER, { fetch }),
    runId: 'r',
    filter: {},
    after: 0,
    last: 4,
    attemptsMax,
    news: new ConnectionNews(URL_OF_SERVER, say),
    say,
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
  const { ids, failure } = await read([{ lines: [1], next: 'e-r1.1' }, 'away', 'away'], 2);
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
  const reset = { reason: 'truncated', first: 3, last: 4, cursor: 'e-r1.2' };
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
  const reset = { reason: 'epoch', first: 1, last: 9, cursor: 'f-r1.0' };
  const { ids, said } = await read([
    { lines: [1, 2], next: 'e-r1.2' },
    { reset },
    { lines: [1, 2, 3, 4, 5], next: 'f-r1.5' },
    { lines: [6, 7, 8, 9], next: 'f-r1.9' },
  ]);
  assert.deepEqual(ids, [1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(said, ['the log that was read is gone, and another one in its place; it begins here, with line 1']);
});
