import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Run } from '@/lib/protocol/run';
import { ApiError } from './client-errors';
import { RunWatcher, type RunWatcherOptions } from './run-watcher';
import { cursorAt, RUN } from './testing/fixtures';
import { follow, numbers, type Recording } from './testing/recording';
import { ScriptedServer } from './testing/scripted-server';

const counts = { info: 1, error: 0, warn: 0, debug: 0 };
const RUN_SHAPE: Run = {
  id: RUN,
  job_name: 'nightly',
  status: 'running',
  first_line: 1,
  line_count: 1,
  byte_count: 6,
  level_counts: counts,
  masked_count: 0,
  replaced_count: 0,
  pinned: false,
};
const STATUS = { status: 'active', connections: { global: { websocket: 0, sse: 0, socketio: 1 }, jobs: {} } };

/** A list that can be waited on. */
class Heard<T> extends Array<T> {
  #waiting: (() => void) | undefined;

  add(item: T): void {
    this.push(item);
    this.#waiting?.();
  }

  async reaches(count: number): Promise<void> {
    while (this.length < count) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
}

describe('the shared connection', { timeout: 60_000 }, () => {
  let server: ScriptedServer;
  let streams: Recording[];
  let watchers: RunWatcher[];

  beforeEach(async () => {
    server = await ScriptedServer.start();
    streams = [];
    watchers = [];
  });

  afterEach(async () => {
    for (const { streamer } of streams) streamer.disconnect();
    for (const watcher of watchers) watcher.close();
    await server.untilConnections(0);
    await server.stop();
  });

  function open(): Recording {
    const recording = follow(server, { transport: 'socketio' });
    streams.push(recording);
    return recording;
  }

  function watcher(options?: RunWatcherOptions): RunWatcher {
    const made = new RunWatcher(server.url, options);
    watchers.push(made);
    return made;
  }

  test('is one for all streams and watchers of a page, and ends with the last of them', async () => {
    server.append(3);
    const first = open();
    const second = open();
    const watching = new Heard<true>();
    const runs = watcher();
    const stop = runs.watchStatus(
      () => undefined,
      () => watching.add(true),
    );
    await Promise.all([
      first.until(() => first.ids.length === 3),
      second.until(() => second.ids.length === 3),
      watching.reaches(1),
    ]);
    assert.equal(server.connections, 1);
    first.streamer.disconnect();
    server.append(1);
    await second.until(() => second.ids.length === 4);
    assert.deepEqual(first.ids, [1, 2, 3]);
    second.streamer.disconnect();
    await server.untilReaders(0);
    assert.equal(server.connections, 1);
    stop();
    await server.untilConnections(0);
  });

  test('is kept where one viewer goes and another comes in the same turn', async () => {
    const first = open();
    await first.until(() => first.connects === 1);
    let closed = 0;
    server.on('closed', () => {
      closed += 1;
    });
    first.streamer.disconnect();
    const second = open();
    await second.until(() => second.connects === 1);
    assert.equal(closed, 0);
  });

  test('that breaks resumes every stream at its own cursor, by one attempt', async () => {
    server.append(3);
    const first = open();
    await first.until(() => first.ids.length === 3);
    server.append(2);
    const second = follow(server, { transport: 'socketio', after: 4 });
    streams.push(second);
    await Promise.all([first.until(() => first.ids.length === 5), second.until(() => second.ids.length === 1)]);
    let connected = 0;
    server.on('opened', () => {
      connected += 1;
    });
    server.kill();
    server.log.append(2);
    await Promise.all([first.until(() => first.ids.length === 7), second.until(() => second.ids.length === 3)]);
    assert.deepEqual(first.ids, numbers(1, 7));
    assert.deepEqual(second.ids, [5, 6, 7]);
    assert.equal(connected, 1);
    assert.deepEqual(
      server.requests.slice(2).map(({ after }) => after),
      [cursorAt(5), cursorAt(5)],
    );
  });

  test('brings news to whom they concern, and again after it broke', async () => {
    const reconnects = new Heard<true>();
    const runEvents = new Heard<Run>();
    const lists = new Heard<Run[]>();
    const statuses = new Heard<unknown>();
    const watching = new Heard<string>();
    const runs = watcher({ onReconnect: () => reconnects.add(true) });
    runs.watchRun(
      RUN,
      ({ job_run }) => runEvents.add(job_run),
      () => watching.add('run'),
    );
    runs.watchRuns(
      { status: 'running', limit: 20 },
      (changed) => lists.add(changed),
      () => watching.add('runs'),
    );
    runs.watchStatus(
      (status) => statuses.add(status),
      () => watching.add('status'),
    );
    await watching.reaches(3);
    const wanted = [{ run: RUN }, { runs: { status: 'running', limit: 20 } }, { status: true }];
    assert.deepEqual(server.watches, wanted);
    server.news('run', { job_run: { ...RUN_SHAPE, id: 'another' }, task_runs: [] });
    server.news('run', { job_run: RUN_SHAPE, task_runs: [] });
    server.news('runs', { job_runs: [RUN_SHAPE] });
    server.news('status', STATUS);
    await Promise.all([runEvents.reaches(1), lists.reaches(1), statuses.reaches(1)]);
    assert.deepEqual(Array.from(runEvents), [RUN_SHAPE]);
    assert.deepEqual(Array.from(statuses), [STATUS]);
    server.killSockets();
    await reconnects.reaches(1);
    assert.deepEqual(server.watches, [...wanted, ...wanted]);
    assert.equal(watching.length, 6);
    server.news('status', STATUS);
    await statuses.reaches(2);
  });

  test('keeps a watch until the last who wants it has left', async () => {
    const watching = new Heard<true>();
    const [first, second] = [watcher(), watcher()].map((one) =>
      one.watchRun(
        RUN,
        () => undefined,
        () => watching.add(true),
      ),
    );
    await watching.reaches(2);
    first?.();
    const last = new Heard<true>();
    watcher().watchStatus(
      () => undefined,
      () => last.add(true),
    );
    await last.reaches(1);
    assert.deepEqual(server.watches, [{ run: RUN }, { run: RUN }, { status: true }]);
    second?.();
    watcher().watchRuns(
      {},
      () => undefined,
      () => last.add(true),
    );
    await last.reaches(2);
    assert.deepEqual(server.watches.slice(3), [{ not: { run: RUN } }, { runs: {} }]);
  });

  test('tells what cannot be read and what is refused, and goes on', async () => {
    const errors = new Heard<unknown>();
    const statuses = new Heard<unknown>();
    const watching = new Heard<true>();
    server.refuseWatch({ code: 'STRATAL_FORBIDDEN' });
    const runs = watcher({ onError: (error) => errors.add(error) });
    runs.watchRun(RUN, () => undefined);
    runs.watchStatus(
      (status) => statuses.add(status),
      () => watching.add(true),
    );
    await watching.reaches(1);
    server.news('status', { status: 'asleep' });
    server.news('status', STATUS);
    await statuses.reaches(1);
    assert.equal(errors.length, 2);
    assert.ok(errors[0] instanceof ApiError && errors[0].code === 'STRATAL_FORBIDDEN');
    assert.match(String(errors[1]), /could not be read/);
  });
});
