import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ApiError, StreamError } from './client-errors';
import type { LogStreamerOptions } from './streamer';
import { cursorAt, makeLine, RUN } from './testing/fixtures';
import { follow, numbers, type Recording, TRANSPORTS } from './testing/recording';
import { ScriptedServer } from './testing/scripted-server';

for (const transport of TRANSPORTS) {
  describe(`over ${transport}`, { timeout: 60_000 }, () => {
    let server: ScriptedServer;
    let opened: Recording[];

    beforeEach(async () => {
      server = await ScriptedServer.start();
      opened = [];
    });

    afterEach(async () => {
      for (const { streamer } of opened) streamer.disconnect();
      await server.untilReaders(0);
      if (transport !== 'sse') await server.untilConnections(0);
      await server.stop();
    });

    function open(options: LogStreamerOptions = {}): Recording {
      const recording = follow(server, { transport, ...options });
      opened.push(recording);
      return recording;
    }

    test('every line arrives once and in order, however often the connection breaks', async () => {
      server.log.append(100);
      server.killsLeft = 12;
      const recording = open();
      await recording.until(() => recording.ids.length === 100);
      server.append(50);
      await recording.until(() => recording.ids.length === 150);
      assert.deepEqual(recording.ids, numbers(1, 150));
      assert.equal(recording.connects, 13);
      assert.equal(recording.disconnects.length, 12);
      assert.deepEqual(
        recording.batches.flatMap(({ ids }) => ids),
        numbers(1, 150),
      );
    });

    test('a resume asks for what follows the last line, by a cursor that knows epoch and run', async () => {
      server.log.append(7);
      const recording = open();
      await recording.until(() => recording.ids.length === 7);
      server.kill();
      await recording.until(() => recording.connects === 2);
      server.append(1);
      await recording.until(() => recording.ids.length === 8);
      assert.deepEqual(
        server.requests.map((request) => request.after),
        [undefined, cursorAt(7)],
      );
      assert.equal(recording.streamer.state.cursor, cursorAt(8));
    });

    test('a batch’s cursor is where another stream goes on', async () => {
      server.log.append(20);
      const recording = open();
      await recording.until(() => recording.ids.length === 20);
      const { ids = [], cursor } = recording.batches[0] ?? {};
      assert.equal(cursor, cursorAt(ids.length));
      server.append(5);
      const second = open(cursor === undefined ? {} : { after: cursor });
      await second.until(() => second.ids.at(-1) === 25);
      assert.deepEqual(second.ids, numbers(ids.length + 1, 25));
    });

    test('the end of a run ends the stream, and connecting again asks whether it went on', async () => {
      server.log.append(3);
      server.log.end();
      const recording = open();
      await recording.until(() => recording.kind === 'ended');
      assert.deepEqual(recording.runEnds, [{ cursor: cursorAt(3, 1), job_run_id: RUN, status: 'completed', last: 3 }]);
      assert.deepEqual(recording.disconnects, [{ kind: 'ended', willReconnect: false }]);
      recording.streamer.connect();
      await recording.until(() => recording.kind === 'ended' && recording.states.length >= 5);
      assert.equal(recording.runEnds.length, 1);
      server.append(1);
      server.log.end();
      recording.streamer.connect();
      await recording.until(() => recording.runEnds.length === 2);
      assert.deepEqual(recording.ids, [1, 2, 3, 4]);
      assert.deepEqual(recording.errors, []);
    });

    test('an unknown run fails with the server’s own error and is not asked for again', async () => {
      const recording = open({ jobRunId: 'nobody' });
      await recording.until(() => recording.kind === 'failed');
      const [error] = recording.errors;
      assert.ok(error instanceof ApiError);
      assert.equal(error.code, 'STRATAL_NO_RUN');
      assert.equal(error.status, 404);
      assert.equal(error.message, 'There is no such run.');
      assert.equal(server.requests.length, 1);
      assert.deepEqual(recording.disconnects, []);
    });

    test('a server that is busy is asked again', async () => {
      server.log.append(1);
      server.refuseNext({ code: 'STRATAL_STORE_DOWN' }, { code: 'STRATAL_STORE_DOWN' });
      const recording = open();
      await recording.until(() => recording.ids.length === 1);
      assert.equal(recording.errors.length, 2);
      assert.ok(recording.errors.every((error) => error instanceof ApiError && error.code === 'STRATAL_STORE_DOWN'));
    });

    test('another log in the place of the old one is told, and read from its start', async () => {
      server.log.append(9);
      const recording = open();
      await recording.until(() => recording.ids.length === 9);
      server.log.replace(2);
      server.kill();
      await recording.until(() => recording.ids.length === 11);
      assert.deepEqual(recording.ids.slice(9), [1, 2]);
      assert.equal(recording.resets.length, 1);
      assert.equal(recording.resets[0]?.reason, 'epoch');
    });

    test('lines that were lost on the way are asked for again', async () => {
      server.log.append(3);
      const recording = open();
      await recording.until(() => recording.ids.length === 3);
      server.log.append(2);
      server.swallow(2);
      server.append(2);
      await recording.until(() => recording.ids.length === 7);
      assert.deepEqual(recording.ids, numbers(1, 7));
      assert.ok(recording.errors.some((error) => error instanceof StreamError && error.kind === 'gap'));
    });

    test('lines that are sent again are left out', async () => {
      server.log.append(5);
      const recording = open();
      await recording.until(() => recording.ids.length === 5);
      server.repeat(3);
      server.append(1);
      await recording.until(() => recording.ids.length === 6);
      assert.deepEqual(recording.ids, numbers(1, 6));
    });

    test('what cannot be read is told and passed over, and the stream goes on', async () => {
      server.log.append(1);
      const recording = open();
      await recording.until(() => recording.ids.length === 1);
      server.garble('{not json');
      server.append(1);
      server.garble({ ...makeLine(4), level: 'shout' });
      server.control('progress', { cursor: 7 });
      server.control('later-invention', { cursor: cursorAt(4) });
      server.append(1);
      await recording.until(() => recording.ids.length === 3);
      assert.deepEqual(recording.ids, [1, 3, 5]);
      const kinds = recording.errors.map((error) => error instanceof StreamError && error.kind);
      assert.deepEqual(kinds, ['malformed', 'malformed', 'malformed']);
      assert.equal(recording.connects, 1);
    });

    test('heartbeats and unfinished lines are told', async () => {
      const recording = open();
      await recording.until(() => recording.kind === 'live');
      server.heartbeat();
      const partial = { cursor: cursorAt(0), job_run_id: RUN, stream: 'stdout', message: '42 %', at: 'now' };
      server.control('partial', partial);
      await recording.until(() => recording.partials.length === 1);
      assert.deepEqual(recording.partials, [partial]);
      assert.equal(recording.progress.length, 1);
    });

    test('a server that says goodbye is not an error, and found again after its restart', async () => {
      server.log.append(2);
      const recording = open();
      await recording.until(() => recording.ids.length === 2);
      server.drain();
      await recording.until(() => recording.connects === 2);
      server.append(1);
      await recording.until(() => recording.ids.length === 3);
      assert.deepEqual(recording.ids, [1, 2, 3]);
      assert.deepEqual(recording.errors, []);
      assert.equal(recording.disconnects[0]?.kind, 'lost');
    });

    test('a filter travels to the server, and holes in the numbers are no fault', async () => {
      server.log.append(3);
      server.log.append(2, { level: 'error' });
      server.log.append(3);
      server.log.append(1, { level: 'error' });
      const recording = open({ filter: { level: 'error' } });
      await recording.until(() => recording.ids.length === 3);
      server.kill();
      await recording.until(() => recording.connects === 2);
      server.append(1, { level: 'error' });
      await recording.until(() => recording.ids.length === 4);
      assert.deepEqual(recording.ids, [4, 5, 9, 10]);
      assert.ok(server.requests.every(({ level }) => level === 'error'));
      assert.deepEqual(
        recording.errors.filter((error) => error instanceof StreamError && error.kind === 'gap'),
        [],
      );
    });

    test('the newest lines come first on the first connection alone', async () => {
      server.log.append(50);
      const recording = open({ tail: 5 });
      await recording.until(() => recording.ids.length === 5);
      server.kill();
      await recording.until(() => recording.connects === 2);
      server.append(1);
      await recording.until(() => recording.ids.length === 6);
      assert.deepEqual(recording.ids, numbers(46, 51));
      assert.deepEqual(
        server.requests.map(({ tail, after }) => ({ tail, after })),
        [
          { tail: 5, after: undefined },
          { tail: undefined, after: cursorAt(50) },
        ],
      );
    });

    test('the stream of all runs begins now, resumes at its cursor, and outlives the end of a run', async () => {
      server.log.append(4);
      const recording = open({ jobRunId: undefined });
      await recording.until(() => recording.kind === 'live');
      server.append(2);
      await recording.until(() => recording.ids.length === 2);
      server.killsLeft = 1;
      server.append(10);
      await recording.until(() => recording.ids.length === 12);
      server.end();
      await recording.until(() => recording.runEnds.length === 1);
      server.append(1);
      await recording.until(() => recording.ids.length === 13);
      assert.deepEqual(recording.ids, numbers(5, 17));
      assert.equal(recording.kind, 'live');
    });

    test('leaving in the midst of a batch gives the rest of it later, and nothing twice', async () => {
      server.log.append(7);
      const ids: number[] = [];
      const streamerOptions: LogStreamerOptions = {
        onMessage: ({ id }) => {
          ids.push(id);
          if (id === 3) recording.streamer.disconnect();
        },
      };
      const recording = open({ ...streamerOptions, onBatch: undefined });
      await recording.until(() => recording.kind === 'idle' && ids.length > 0);
      assert.deepEqual(ids, [1, 2, 3]);
      assert.deepEqual(recording.disconnects, [{ kind: 'closed', willReconnect: false }]);
      recording.streamer.connect();
      await recording.until(() => ids.length === 7);
      assert.deepEqual(ids, numbers(1, 7));
    });

    test('credentials and headers are sent', async () => {
      const recording = open({ token: 'secret', headers: { 'X-Team': 'blue' } });
      await recording.until(() => recording.connects === 1);
      assert.equal(server.requests[0]?.headers.authorization, 'Bearer secret');
      assert.equal(server.requests[0]?.headers['x-team'], 'blue');
    });

    test('attempts run out on a server that is not there', async () => {
      await server.stop();
      const recording = open({ maxReconnectAttempts: 1 });
      await recording.until(() => recording.kind === 'failed');
      const last = recording.errors.at(-1);
      assert.ok(last instanceof StreamError && last.kind === 'gave-up');
      assert.equal(recording.errors.length, 2);
      await server.listen();
      server.append(1);
      recording.streamer.connect();
      await recording.until(() => recording.ids.length === 1);
    });

    test('a callback that throws disturbs nobody', async (t) => {
      const thrown: unknown[] = [];
      const platform = queueMicrotask;
      t.mock.method(globalThis, 'queueMicrotask', (task: () => void) =>
        platform(() => {
          try {
            task();
          } catch (error) {
            thrown.push(error);
          }
        }),
      );
      server.log.append(3);
      const recording = open({
        onMessage: ({ id }) => {
          if (id === 2) throw new Error('of the program');
        },
      });
      await recording.until(() => recording.lines.length === 3);
      assert.deepEqual(recording.ids, [1, 2, 3]);
      assert.equal(String(thrown[0]), 'Error: of the program');
    });
  });
}
