import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionNews } from './connection-news';
import { parseLogsRequest } from './logs-request';
import { findReadingBounds } from './reading-bounds';
import { type Answer, fakeServer, URL_OF_SERVER } from './testing/fake-answers';

const RUN: Answer = { run: { first: 1, last: 9 } };
const REMOVED: Answer = { reset: { reason: 'truncated', first: 6, last: 9, cursor: 'e-r1.5' } };
const FEW: Answer = { lines: [9], next: 'e-r1.9' };
const match = (id: number) => ({ id, ranges: [] });

/** Where a command with these options begins to read on a server that answers so. */
async function find(options: object, answers: Answer[], attemptsMax = 4) {
  const { service, asked } = fakeServer(answers);
  const request = parseLogsRequest('r', options);
  assert.ok(typeof request === 'object', String(request));
  const said: string[] = [];
  const news = new ConnectionNews(URL_OF_SERVER, (sentence) => said.push(sentence));
  const patience = { attemptsMax, demandMaxMs: 30_000 };
  let bounds: unknown;
  let failure: unknown;
  try {
    bounds = await findReadingBounds({ service, request, patience, news });
  } catch (error) {
    failure = error;
  }
  return { bounds, failure, asked, said };
}

test('who follows waits for a server that is away at first', async () => {
  const { bounds, said } = await find({ follow: true }, ['away', 'stopping', RUN]);
  assert.deepEqual(bounds, { after: 0, last: 9 });
  assert.deepEqual(said, ['http://localhost:8080 does not answer; trying again until it does', 'connected']);
});

test('who does not follow hears at once that there is no server', async () => {
  const { failure, asked } = await find({}, ['away', RUN]);
  assert.match(String(failure), /did not answer/);
  assert.deepEqual(asked, ['/job-runs/r']);
});

test('a server that goes away while the newest lines are counted is waited for', async () => {
  const found: Answer = { found: [match(2), match(5), match(9), { total: 3, complete: true }] };
  const { bounds, failure } = await find({ tail: '2', q: ['x'] }, [RUN, FEW, 'away', RUN, FEW, found]);
  assert.deepEqual([bounds, failure], [{ after: 4, last: 9 }, undefined]);
});

test('the newest lines are counted anew where retention takes lines meanwhile', async () => {
  const found: Answer = { found: [match(7), match(9), { total: 2, complete: true }] };
  const now: Answer = { run: { first: 6, last: 9 } };
  const { bounds, failure, asked } = await find({ tail: '2', q: ['x'] }, [RUN, FEW, REMOVED, now, FEW, found]);
  assert.deepEqual([bounds, failure], [{ after: 6, last: 9 }, undefined]);
  assert.deepEqual(asked, ['/job-runs/r', '', '0', '/job-runs/r', '', '5']);
});

test('lines that are gone each time they are counted are told in a sentence', async () => {
  const turn = [RUN, FEW, REMOVED];
  const { failure } = await find({ tail: '2', q: ['x'] }, [...turn, ...turn, ...turn], 2);
  assert.match(String(failure), /gone before they could be read, 2 times in a row/);
});

test('searches that lead nowhere are not made without end', async () => {
  const same: Answer = { found: [{ total: 0, complete: false, reason: 'limit', next: 'e-r1.0' }] };
  const { failure, asked } = await find({ tail: '2', q: ['x'] }, [RUN, FEW, same, same, same, same]);
  assert.match(String(failure), /do not go on behind line 0/);
  assert.equal(asked.length, 3);
});
