import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { numbered } from '@/lib/feed/testing/log-writer';
import type { Run } from '@/lib/protocol/run';
import { range, untilNoStreams, useTestServers } from '@/lib/transport/testing/test-fixture';
import type { TestServer } from '@/lib/transport/testing/test-server';
import { ApiError } from './client-errors';
import { RunWatcher } from './run-watcher';
import type { LogStreamerOptions } from './streamer';
import { Recording, TRANSPORTS } from './testing/recording';

/** The client and the server as they are: what is promised holds between them, not only beside a script. */

const servers = useTestServers();
const opened: Recording[] = [];

afterEach(() => {
  for (const { streamer } of opened.splice(0)) streamer.disconnect();
});

function cutOff(server: TestServer): void {
  for (const socket of server.sockets) socket.destroy();
}

for (const transport of TRANSPORTS) {
  describe(`over ${transport}`, { timeout: 60_000 }, () => {
    function read(server: TestServer, options: LogStreamerOptions): Recording {
      const onStateChange: LogStreamerOptions['onStateChange'] = ({ kind }) => {
        if (kind === 'reconnecting') recording.streamer.connect();
      };
      const recording = new Recording({ baseUrl: server.url, transport, onStateChange, ...options });
      opened.push(recording);
      recording.streamer.connect();
      return recording;
    }

    test('every line of a run arrives once, up to its end, however often the connection breaks', async () => {
      const server = await servers.start({ tailBytes: 200_000 });
      const run = await server.writer.createRun(servers.newRunId());
      await server.writer.lines(run, numbered('early', 2000));
      let cuts = 0;
      const recording = read(server, {
        jobRunId: run.id,
        onBatch: () => {
          if (recording.lines.length < cuts * 300) return;
          cuts += 1;
          setImmediate(() => cutOff(server));
        },
      });
      for (let batch = 0; batch < 40; batch += 1) await server.writer.lines(run, numbered(`batch ${batch}`, 50));
      await server.writer.finish(run, { status: 'failed', exitCode: 3 });
      await recording.until(() => recording.kind === 'ended');
      assert.deepEqual(recording.ids, range(1, 4002));
      assert.ok(recording.connects > 1);
      assert.equal(recording.runEnds.length, 1);
      assert.equal(recording.runEnds[0]?.exit_code, 3);
      assert.deepEqual(recording.resets, []);
      await untilNoStreams(server);
    });

    test('a lost run that speaks again goes on where it ended', async () => {
      const server = await servers.start({});
      const run = await server.writer.createRun(servers.newRunId(), 1);
      await server.writer.lines(run, ['before']);
      await server.writer.lose(run);
      const recording = read(server, { jobRunId: run.id });
      await recording.until(() => recording.kind === 'ended');
      assert.equal(recording.runEnds[0]?.status, 'lost');
      const { length } = recording.lines;
      recording.streamer.connect();
      await recording.until(() => recording.states.filter((kind) => kind === 'ended').length === 2);
      assert.equal(recording.runEnds.length, 1);
      await server.writer.lines(run, ['after']);
      recording.streamer.connect();
      await recording.until(() => recording.lines.length === length + 1);
      assert.equal(recording.lines.at(-1)?.message, 'after');
      assert.deepEqual(recording.ids, range(1, length + 1));
      assert.deepEqual(recording.errors, []);
    });

    test('a run that does not exist is refused by name', async () => {
      const server = await servers.start({});
      const recording = read(server, { jobRunId: 'nobody' });
      await recording.until(() => recording.kind === 'failed');
      const [error] = recording.errors;
      assert.ok(error instanceof ApiError);
      assert.equal(error.code, 'STRATAL_NO_RUN');
      assert.match(error.message, /nobody/);
    });

    test('a filter that cannot be read is refused, not retried', async () => {
      const server = await servers.start({});
      const run = await server.writer.createRun(servers.newRunId());
      const recording = read(server, { jobRunId: run.id, filter: { level: 'shout' } });
      await recording.until(() => recording.kind === 'failed');
      assert.ok(recording.errors[0] instanceof ApiError);
      assert.equal(recording.errors[0].status, 400);
    });

    test('a filtered stream keeps its place over a broken connection', async () => {
      const server = await servers.start({});
      const run = await server.writer.createRun(servers.newRunId());
      const error = (message: string) => ({ message, level: 'error' as const });
      await server.writer.lines(run, ['a', error('b'), 'c', error('d')]);
      const recording = read(server, { jobRunId: run.id, filter: { level: 'error' } });
      await recording.until(() => recording.lines.length === 2);
      cutOff(server);
      await server.writer.lines(run, ['e', error('f')]);
      await server.writer.finish(run);
      await recording.until(() => recording.kind === 'ended');
      assert.deepEqual(
        recording.lines.map(({ message }) => message),
        ['b', 'd', 'f'],
      );
    });

    test('a cursor of another database is told, and the run read from its start', async () => {
      const server = await servers.start({});
      const run = await server.writer.createRun(servers.newRunId());
      await server.writer.lines(run, ['one']);
      await server.writer.finish(run);
      const recording = read(server, { jobRunId: run.id, after: 'zzzz-r1.1' });
      await recording.until(() => recording.kind === 'ended');
      assert.equal(recording.resets[0]?.reason, 'epoch');
      assert.deepEqual(recording.ids, [1, 2, 3]);
      assert.deepEqual(recording.errors, []);
    });

    test('the newest lines, and then what follows them', async () => {
      const server = await servers.start({});
      const run = await server.writer.createRun(servers.newRunId());
      await server.writer.lines(run, numbered('line', 99));
      const recording = read(server, { jobRunId: run.id, tail: 10 });
      await recording.until(() => recording.lines.length === 10);
      assert.equal(recording.kind, 'live');
      cutOff(server);
      await server.writer.lines(run, ['last']);
      await recording.until(() => recording.lines.length === 11);
      assert.deepEqual(recording.ids, range(91, 101));
    });

    test('all runs at once, each line once, however often the connection breaks', async () => {
      const server = await servers.start({});
      const runs = [
        await server.writer.createRun(servers.newRunId()),
        await server.writer.createRun(servers.newRunId()),
      ];
      const recording = read(server, {});
      await recording.until(() => recording.kind === 'live');
      for (let batch = 0; batch < 30; batch += 1) {
        for (const run of runs) await server.writer.lines(run, numbered(`batch ${batch}`, 7));
        if (batch % 10 === 5) cutOff(server);
      }
      for (const run of runs) await server.writer.finish(run);
      await recording.until(() => recording.runEnds.length === 2);
      for (const { id } of runs) {
        const ids = recording.lines.filter((line) => line.job_run_id === id).map((line) => line.id);
        assert.deepEqual(ids, range(2, 212));
      }
      assert.ok(recording.connects > 1);
    });

    test('an unfinished line is seen before it ends', async () => {
      const server = await servers.start({});
      const run = await server.writer.createRun(servers.newRunId());
      const recording = read(server, { jobRunId: run.id });
      await recording.until(() => recording.lines.length === 1);
      server.feed.publishPartial({ run, task: undefined, stream: 'stdout', message: '42 %', atUs: Date.now() * 1000 });
      await recording.until(() => recording.partials.length === 1);
      assert.equal(recording.partials[0]?.message, '42 %');
      assert.equal(recording.lines.length, 1);
    });
  });
}

describe('watching', { timeout: 60_000 }, () => {
  test('a page hears of a run’s lines and end, in its own watch and in the list, and again after the connection broke', async () => {
    const server = await servers.start({});
    const run = await server.writer.createRun(servers.newRunId());
    const seen: Run[] = [];
    const listed: Run[] = [];
    let look = (): void => undefined;
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          look = resolve;
        });
      }
    };
    let reconnects = 0;
    let watching = 0;
    const onWatching = (): void => {
      watching += 1;
      look();
    };
    const watcher = new RunWatcher(server.url, {
      onReconnect: () => {
        reconnects += 1;
        look();
      },
    });
    watcher.watchRun(
      run.id,
      ({ job_run }) => {
        seen.push(job_run);
        look();
      },
      onWatching,
    );
    watcher.watchRuns(
      { limit: 10 },
      (runs) => {
        listed.push(...runs);
        look();
      },
      onWatching,
    );
    await until(() => watching === 2);
    await server.writer.lines(run, numbered('line', 4));
    await until(() => seen.at(-1)?.line_count === 5 && listed.at(-1)?.line_count === 5);
    cutOff(server);
    await until(() => reconnects === 1);
    await server.writer.finish(run);
    await until(() => seen.at(-1)?.status === 'completed' && listed.at(-1)?.status === 'completed');
    watcher.close();
  });
});
