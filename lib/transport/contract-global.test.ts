import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { linesOp, numbered } from '@/lib/feed/testing/log-writer';
import { CLIENTS } from './testing/clients';
import { range, untilNoStreams, untilOpened, useTestServers } from './testing/test-fixture';
import type { ReaderQuery, TestReader } from './testing/test-reader';
import type { TestServer } from './testing/test-server';

/** The global stream, and what concerns all streams of a server, once per transport. */

const { start, newRunId } = useTestServers();

for (const client of CLIENTS) {
  const { sse, hasControl } = client;
  const read = (server: TestServer, query: ReaderQuery): TestReader => client.read(server.url, query);

  describe(client.name, () => {
    test('delivers the lines of all runs in commit order', async () => {
      const server = await start({ sse });
      const [a, b] = [await server.writer.createRun(newRunId()), await server.writer.createRun(newRunId())];
      const reader = read(server, {});
      await untilOpened(server, reader);
      await server.writer.commit([linesOp(a, ['a 1', 'a 2']), linesOp(b, ['b 1'])]);
      await server.writer.finish(a);
      await server.writer.lines(b, ['b 2']);
      await reader.untilLines(5);
      assert.deepEqual(reader.messages, ['a 1', 'a 2', 'b 1', 'Job run completed', 'b 2']);
      assert.ok(reader.lines.every(({ cursor }) => cursor !== undefined));
      if (hasControl) assert.equal(reader.controls('run-end')[0]?.job_run_id, a.id);
      reader.drop();
      // From every item on, the rest follows, whatever lies between: from memory here, from the store on a server that has just started.
      const other = await start({ sse, tailBytes: 1 });
      for (const source of [server, other]) {
        for (const [index, one] of reader.seen.entries()) {
          const after = one.type === 'log' ? one.line.cursor : one.event.cursor;
          const rest = reader.seen.slice(index + 1).filter(({ type }) => type === 'log').length;
          const again = read(source, { after: after ?? '' });
          await again.untilLines(rest);
          assert.deepEqual(again.messages, reader.messages.slice(reader.messages.length - rest));
          again.drop();
        }
      }
    });

    test('sends an entry of the journal that begins where one write is full', async () => {
      const server = await start({ sse });
      const [a, b] = [await server.writer.createRun(newRunId()), await server.writer.createRun(newRunId())];
      const opened = read(server, {});
      await untilOpened(server, opened);
      // One write takes 64 KiB: no line of the second entry fits behind the first.
      await server.writer.commit([
        linesOp(a, ['x'.repeat(60_000)]),
        linesOp(b, ['y'.repeat(10_000), 'y']),
        linesOp(a, ['z']),
      ]);
      await opened.untilLines(4);
      assert.deepEqual(
        opened.messages.map((message) => `${message[0]} ${message.length}`),
        ['x 60000', 'y 10000', 'y 1', 'z 1'],
      );
      opened.drop();
    });

    test('resumes the global stream exactly once over reconnects', async () => {
      const server = await start({ sse, tailBytes: 100_000 });
      const all = [await server.writer.createRun(newRunId()), await server.writer.createRun(newRunId())];
      let reader = read(server, {});
      await untilOpened(server, reader);
      const writing = (async () => {
        for (let batch = 0; batch < 40; batch++) {
          await server.writer.commit(all.map((run) => linesOp(run, numbered(`batch ${batch} of ${run.id}`, 20))));
        }
      })();
      const lines: string[] = [];
      let after: string | undefined;
      for (let cut = 1; lines.length < 1600; cut++) {
        if (cut > 1) reader = read(server, { after: after ?? '' });
        const wanted = Math.min(90 + cut * 31, 1600 - lines.length);
        await reader.untilLines(wanted);
        reader.drop();
        lines.push(...reader.lines.map(({ job_run_id, id }) => `${job_run_id} ${id}`));
        after = reader.resumeAt;
      }
      await writing;
      for (const { id } of all) {
        assert.deepEqual(
          lines.filter((line) => line.startsWith(`${id} `)),
          range(2, 801).map((line) => `${id} ${line}`),
        );
      }
    });

    test('tells all readers to come back when it drains', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      const [one, all] = [read(server, { job_run_id: run.id }), read(server, {})];
      await one.untilLines(1);
      await untilOpened(server, all);
      server.transports.drain();
      const ended = [await one.untilEnded(), await all.untilEnded()];
      const refused = await read(server, { job_run_id: run.id }).untilEnded();
      if (client.name.startsWith('sse')) assert.deepEqual(refused, { code: undefined });
      if (client.name.startsWith('socket')) assert.ok(ended.every(({ reason }) => reason === 'transport close'));
      if (!client.name.startsWith('s') || client.name === 'stratal.v1') {
        assert.deepEqual(
          [...ended, refused].map(({ code }) => code),
          [4001, 4001, 4001],
        );
      }
      assert.equal(server.transports.status().status, 'draining');
    });

    test('counts its streams while they are open', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      const reader = await read(server, { job_run_id: run.id }).untilLines(1);
      const kind = client.name.startsWith('sse') ? 'sse' : client.name === 'socket.io' ? 'socketio' : 'websocket';
      const none = { websocket: 0, sse: 0, socketio: 0 };
      assert.deepEqual(server.transports.status().connections.jobs, { [run.id]: { ...none, [kind]: 1 } });
      const all = read(server, {});
      await untilOpened(server, all);
      assert.deepEqual(server.transports.status().connections.global, { ...none, [kind]: 1 });
      reader.drop();
      all.drop();
      await untilNoStreams(server);
    });
  });
}
