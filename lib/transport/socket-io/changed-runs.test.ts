import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Run } from '@/lib/protocol/run';
import { ChangedRuns } from './changed-runs';
import type { LogSocket } from './log-socket';
import { NewestNews } from './newest-news';

/** A client that takes nothing until `ready`. */
function stalledSocket() {
  const sent: Run[][] = [];
  const state = { isClosed: false };
  const transport = Object.assign(new EventEmitter(), { writable: false });
  const conn = { transport, close: () => Object.assign(state, { isClosed: true }) };
  const emit = (_event: 'runs', { job_runs }: { job_runs: Run[] }) => sent.push(job_runs);
  const socket = { conn, emit } as unknown as LogSocket;
  const ready = () => {
    transport.writable = true;
    transport.emit('ready');
  };
  return { changed: new ChangedRuns(socket, new NewestNews(socket, { unsentBytes: 0 }), 'runs'), sent, state, ready };
}

function runOf(id: string): Run {
  return {
    id,
    job_name: 'job',
    status: 'running',
    first_line: 1,
    line_count: 0,
    byte_count: 0,
    level_counts: { info: 0, error: 0, warn: 0, debug: 0 },
    masked_count: 0,
    replaced_count: 0,
    pinned: false,
  };
}

test('a client that leaves too many changed runs waiting is cut off', () => {
  const { changed, state } = stalledSocket();
  for (let run = 0; run < 1000; run++) changed.tell([runOf(`run-${run}`)]);
  assert.equal(state.isClosed, false);
  changed.tell([runOf('one more')]);
  assert.equal(state.isClosed, true);
});

test('news of one run takes the place of its older news, however often it comes', () => {
  const { changed, sent, state, ready } = stalledSocket();
  for (let time = 0; time < 2000; time++) changed.tell([runOf('run')]);
  assert.equal(state.isClosed, false);
  ready();
  assert.deepEqual(
    sent.map((runs) => runs.length),
    [1],
  );
});
