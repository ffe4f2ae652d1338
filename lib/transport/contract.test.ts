import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { numbered } from '@/lib/feed/testing/log-writer';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import { LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { CLIENTS } from './testing/clients';
import { range, useTestServers } from './testing/test-fixture';
import type { ReaderQuery, TestReader } from './testing/test-reader';
import type { TestServer } from './testing/test-server';

/** What holds for a reader whatever it reads by: docs/protocol.md §4 and §5, once per transport. */

const { start, newRunId } = useTestServers();

for (const client of CLIENTS) {
  const { sse, hasControl } = client;
  const read = (server: TestServer, query: ReaderQuery): TestReader => client.read(server.url, query);

  /** What a bare WebSocket, which gets no control events, cannot show. */
  const testControl: (name: string, run: () => Promise<void>) => void = hasControl ? test : () => {};

  describe(client.name, () => {
    testControl('sends connected before anything else', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      await server.writer.lines(run, ['one']);
      const reader = await read(server, { job_run_id: run.id }).untilLines(2);
      assert.deepEqual(reader.types, ['connected', 'log', 'log']);
      const [connected] = reader.controls('connected');
      assert.deepEqual(
        { ...connected, cursor: undefined },
        { cursor: undefined, job_run_id: run.id, status: 'running', first: 1, last: 2 },
      );
      reader.drop();
    });

    test('sends lines, run-end and the end of the stream', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      const reader = read(server, { job_run_id: run.id });
      await reader.untilLines(1);
      await server.writer.lines(run, numbered('live', 3));
      await server.writer.finish(run, { status: 'failed', exitCode: 3 });
      const ended = await reader.untilEnded();
      assert.deepEqual(reader.ids, range(1, 5));
      assert.deepEqual(reader.messages.slice(1, 4), numbered('live', 3));
      if (hasControl) {
        assert.equal(reader.types.at(-1), 'run-end');
        const [end] = reader.controls('run-end');
        assert.equal(end?.status, 'failed');
        assert.equal(end?.exit_code, 3);
        assert.equal(end?.last, 5);
      }
      if (client.name === 'websocket' || client.name === 'stratal.v1') {
        assert.deepEqual(ended, { code: 1000, reason: 'failed' });
      }
    });

    test('delivers every line exactly once and in order over reconnects in mid-stream', async () => {
      // A small tail: readers that come back find some lines in memory and some in the store.
      const server = await start({ sse, tailBytes: 200_000 });
      const run = await server.writer.createRun(newRunId());
      await server.writer.lines(run, numbered('early', 3000));
      const writing = (async () => {
        for (let batch = 0; batch < 60; batch++) await server.writer.lines(run, numbered(`batch ${batch}`, 50));
        await server.writer.finish(run);
      })();
      const ids: number[] = [];
      let cut = 0;
      let after: string | undefined;
      for (;;) {
        const reader = read(server, { job_run_id: run.id, ...(after !== undefined && { after }) });
        cut += 1;
        const wanted = 400 + cut * 37;
        await reader.until((one) => one.lines.length >= wanted || one.ended !== undefined).catch(() => {});
        reader.drop();
        ids.push(...reader.ids);
        after = reader.resumeAt ?? after;
        if (ids.at(-1) === 6002) break;
      }
      await writing;
      assert.deepEqual(ids, range(1, 6002));
      assert.ok(cut > 3, `only ${cut} connections`);
      assert.deepEqual(server.errors, []);
    });

    test('delivers lines of the greatest length', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      const texts = Array.from({ length: 6 }, () => ['x'.repeat(LINE_BYTES_MAX), '\u0001'.repeat(40_000), '€']).flat();
      const live = read(server, { job_run_id: run.id });
      await live.untilLines(1);
      await server.writer.lines(run, texts);
      await live.untilLines(1 + texts.length);
      const stored = await read(server, { job_run_id: run.id }).untilLines(1 + texts.length);
      for (const reader of [live, stored]) {
        assert.deepEqual(reader.messages.slice(1), texts);
        reader.drop();
      }
    });

    test('resumes at a cursor that another transport gave', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      await server.writer.lines(run, numbered('line', 9));
      for (const other of CLIENTS.filter((one) => one.sse === sse && one.hasControl)) {
        const first = await other.read(server.url, { job_run_id: run.id, tail: 4 }).untilLines(4);
        first.drop();
        const [connected] = first.controls('connected');
        assert.ok(connected);
        const second = await read(server, { job_run_id: run.id, after: connected.cursor }).untilLines(4);
        assert.deepEqual(second.ids, [7, 8, 9, 10]);
        second.drop();
      }
    });

    test('starts where after, tail or nothing says', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      await server.writer.lines(run, numbered('line', 9));
      await server.writer.finish(run);
      const idsOf = async (query: ReaderQuery) => {
        const reader = read(server, { job_run_id: run.id, ...query });
        await reader.untilEnded();
        return reader.ids;
      };
      assert.deepEqual(await idsOf({}), range(1, 11));
      assert.deepEqual(await idsOf({ after: 0 }), range(1, 11));
      assert.deepEqual(await idsOf({ after: 4 }), range(5, 11));
      assert.deepEqual(await idsOf({ tail: 3 }), [9, 10, 11]);
      assert.deepEqual(await idsOf({ after: 8, tail: 1 }), [9, 10, 11]);
      assert.deepEqual(await idsOf({ tail: 2, filter: { stream: 'stdout' } }), [9, 10]);
      assert.deepEqual(await idsOf({ tail: 2, filter: { q: 'line -9' } }), [8, 9]);
      assert.deepEqual(await idsOf({ filter: { q: '"line 3"' } }), [4]);
      assert.deepEqual(await idsOf({ filter: { stream: 'system' } }), [1, 11]);
    });

    test('answers a resume at the newest run-end with the end at once', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      await server.writer.finish(run, { status: 'canceled' });
      const first = read(server, { job_run_id: run.id });
      await first.untilEnded();
      // A bare WebSocket learns no cursor of the run-end: it asks at the last line and is told again.
      const after = hasControl ? first.controls('run-end')[0]?.cursor : '2';
      assert.ok(after);
      const second = read(server, { job_run_id: run.id, after });
      const ended = await second.untilEnded();
      assert.deepEqual(second.ids, []);
      if (client.name.startsWith('sse')) assert.equal(ended.code, 204);
      if (client.name === 'stratal.v1') assert.deepEqual(second.types, []);
      if (client.name === 'websocket' || client.name === 'stratal.v1') {
        assert.deepEqual(ended, { code: 1000, reason: 'canceled' });
      }
      if (client.name === 'socket.io') assert.deepEqual(second.types, ['run-end']);
      const third = read(server, { job_run_id: run.id, after: '2' });
      await third.untilEnded();
      if (hasControl) assert.deepEqual(third.types, ['connected', 'run-end']);
    });

    testControl('goes on after a run-end when late lines came', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      await server.writer.finish(run);
      const first = read(server, { job_run_id: run.id });
      await first.untilEnded();
      const after = first.controls('run-end')[0]?.cursor ?? '';
      await server.writer.lines(run, ['late']);
      const second = read(server, { job_run_id: run.id, after });
      await second.untilEnded();
      assert.deepEqual(second.types, ['connected', 'log', 'run-end']);
      assert.deepEqual(second.messages, ['late']);
      assert.notEqual(second.controls('run-end')[0]?.cursor, after);
      const whole = read(server, { job_run_id: run.id });
      await whole.untilEnded();
      assert.deepEqual(whole.types, ['connected', 'log', 'log', 'log', 'run-end']);
    });

    testControl('goes on after a lost run came back', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId(), 1);
      const first = read(server, { job_run_id: run.id });
      await first.untilLines(1);
      await server.writer.lose(run);
      await first.untilEnded();
      assert.equal(first.controls('run-end')[0]?.status, 'lost');
      const after = first.controls('run-end')[0]?.cursor ?? '';
      await server.writer.heartbeat(run);
      const second = read(server, { job_run_id: run.id, after });
      await second.until(({ seen }) => seen.length > 0);
      assert.equal(second.controls('connected')[0]?.status, 'running');
      await server.writer.lines(run, ['alive']);
      await server.writer.finish(run);
      await second.untilEnded();
      assert.deepEqual(second.types, ['connected', 'log', 'log', 'run-end']);
    });

    testControl('resets a cursor that is no longer good and goes on where the reset says', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      await server.writer.lines(run, ['line']);
      await server.writer.finish(run);
      const expectReset = async (after: string | number, reason: string) => {
        const reader = read(server, { job_run_id: run.id, after });
        await reader.untilEnded();
        assert.deepEqual(reader.types, ['connected', 'reset', 'log', 'log', 'log', 'run-end'], reason);
        const [reset] = reader.controls('reset');
        assert.deepEqual([reset?.reason, reset?.first, reset?.last], [reason, 1, 3]);
        // Cut off before the reset, the client would present what it presented before.
        if (typeof after === 'string') assert.equal(reader.controls('connected')[0]?.cursor, after);
      };
      const { epoch } = server.store;
      await expectReset(`zzzz-r${run.key}.2`, 'epoch');
      await expectReset(`${epoch}-r${run.key + 999}.2`, 'epoch');
      await expectReset(`${epoch}-r${run.key}.4`, 'ahead');
      await expectReset(`${epoch}-r${run.key}.3.2`, 'ahead');
      await expectReset(4, 'ahead');
    });

    testControl('reports progress for each ten thousand lines that a filter skipped', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      for (let batch = 0; batch < 5; batch++) await server.writer.lines(run, numbered('noise', 5000));
      await server.writer.lines(run, ['needle']);
      const reader = read(server, { job_run_id: run.id, filter: { q: 'needle' } });
      await reader.untilLines(1);
      assert.deepEqual(reader.types, ['connected', 'progress', 'progress', 'log']);
      assert.deepEqual(reader.ids, [25_002]);
      const after = reader.controls('progress')[1]?.cursor ?? '';
      reader.drop();
      const resumed = await read(server, { job_run_id: run.id, after, filter: { q: 'needle' } }).untilLines(1);
      assert.deepEqual(resumed.types, ['connected', 'log']);
      resumed.drop();
    });

    testControl('sends progress after fifteen quiet seconds', async () => {
      const clock = new ManualClock();
      const server = await start({ sse, clock });
      const run = await server.writer.createRun(newRunId());
      const reader = await read(server, { job_run_id: run.id }).untilLines(1);
      clock.advance(14_999);
      await server.writer.lines(run, ['noise']);
      await reader.untilLines(2);
      clock.advance(14_999);
      clock.advance(1);
      await reader.until(({ types }) => types.includes('progress'));
      clock.advance(15_000);
      await reader.until(({ types }) => types.filter((type) => type === 'progress').length === 2);
      assert.deepEqual(reader.types, ['connected', 'log', 'log', 'progress', 'progress']);
      assert.equal(reader.controls('progress')[0]?.last, 2);
      reader.drop();
    });

    testControl('relays the newest partial and forgets it at that stream’s next line', async () => {
      const clock = new ManualClock();
      const server = await start({ sse, clock });
      const run = await server.writer.createRun(newRunId());
      const offer = (message: string) =>
        server.feed.publishPartial({ run, task: undefined, stream: 'stdout', message, atUs: clock.now() * 1000 });
      const query = { job_run_id: run.id, partial: '1' };
      const reader = await read(server, query).untilLines(1);
      for (const message of ['1 %', '2 %', '3 %']) offer(message);
      clock.advance(100);
      await reader.until(({ types }) => types.filter((type) => type === 'partial').length === 2);
      assert.deepEqual(
        reader.controls('partial').map(({ message }) => message),
        ['1 %', '3 %'],
      );
      const late = await read(server, query).until(({ types }) => types.includes('partial'));
      assert.deepEqual(late.types, ['connected', 'log', 'partial']);
      await server.writer.lines(run, ['done']);
      const later = await read(server, query).untilLines(2);
      await server.writer.finish(run);
      await later.untilEnded();
      assert.deepEqual(later.controls('partial'), []);
      for (const one of [reader, late]) one.drop();
    });

    test('ends streams of a run that is deleted', async () => {
      const server = await start({ sse });
      const run = await server.writer.createRun(newRunId());
      const reader = await read(server, { job_run_id: run.id }).untilLines(1);
      await server.store.deleteRun(run.id);
      server.feed.runsChanged([run.key]);
      const ended = await reader.untilEnded();
      if (client.name === 'websocket' || client.name === 'stratal.v1') assert.equal(ended.code, 4504);
      const refused = await read(server, { job_run_id: run.id }).untilEnded();
      assert.equal(refused.problem?.code ?? refused.code, expectedRefusal(client.name));
    });
  });
}

function expectedRefusal(name: string): number | string {
  if (name.startsWith('sse')) return 404;
  return name === 'socket.io' ? 'STRATAL_NO_RUN' : 4504;
}
