import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { numbered } from '@/lib/feed/testing/log-writer';
import { trimJournal } from '@/lib/store/journal';
import { Retention } from '@/lib/store/retention';
import type { RunRef } from '@/lib/store/store';
import { CLIENTS, readSse } from './testing/clients';
import { range, useTestServers } from './testing/test-fixture';
import type { ReaderQuery, TestReader } from './testing/test-reader';
import type { TestServer } from './testing/test-server';

/** What readers see of retention, once per transport: docs/protocol.md §4 and I3. */

const { start, newRunId } = useTestServers();

/** One pass that keeps so many lines of each run, and tells the server's readers. */
async function keep(server: TestServer, lines: number): Promise<void> {
  const retention = new Retention({
    store: server.store,
    limits: { ageMs: undefined, bytes: undefined, lines },
    intervalMs: 60_000,
    onRemoved: (runKeys) => server.feed.runsChanged(runKeys),
    onError: (error) => server.errors.push(error),
  });
  await retention.pass();
  await retention.stop();
}

/** A run whose lines are in chunks of a hundred. */
async function runOf(server: TestServer, count: number): Promise<RunRef> {
  const run = await server.writer.createRun(newRunId());
  await server.writer.lines(run, numbered('line', 99));
  for (let first = 100; first < count; first += 100) await server.writer.lines(run, numbered('line', 100, first));
  return run;
}

for (const client of CLIENTS) {
  const { sse, hasControl } = client;
  const read = (server: TestServer, query: ReaderQuery): TestReader => client.read(server.url, query);

  describe(client.name, () => {
    test('resets a cursor below what retention left, and takes the one before it', async () => {
      const server = await start({ sse });
      const run = await runOf(server, 500);
      const early = read(server, { job_run_id: run.id });
      await early.untilLines(2);
      const [connected] = early.controls('connected');
      early.drop();
      await keep(server, 250);
      await server.writer.finish(run);
      const { epoch } = server.store;
      for (const after of ['1', '199', `${epoch}-r${run.key}.3`, ...(connected ? [connected.cursor] : [])]) {
        const reader = read(server, { job_run_id: run.id, after });
        const ended = await reader.untilEnded();
        if (hasControl) {
          const [reset] = reader.controls('reset');
          const expected = { cursor: `${epoch}-r${run.key}.200`, reason: 'truncated', first: 201, last: 501 };
          assert.deepEqual([reader.types.slice(0, 2), reset], [['connected', 'reset'], expected]);
          assert.deepEqual(reader.ids, range(201, 501));
        } else assert.deepEqual([ended.code, reader.ids], [4510, []]);
      }
      for (const query of [{ after: 200 }, { after: 0 }, {}]) {
        const reader = read(server, { job_run_id: run.id, ...query });
        await reader.untilEnded();
        assert.deepEqual([reader.ids, reader.controls('reset')], [range(201, 501), []]);
      }
    });

    test('tells a reader in mid-stream that its next lines went, and goes on at the first that is left', async () => {
      const server = await start({ sse, tailBytes: 1 });
      const run = await runOf(server, 3000);
      const { sharedBatch } = server.store;
      let isCut = false;
      server.store.sharedBatch = async (ref, line) => {
        if (line > 1000 && !isCut) {
          isCut = true;
          await keep(server, 700);
        }
        return sharedBatch(ref, line);
      };
      const reader = read(server, { job_run_id: run.id });
      if (hasControl) await reader.until(({ ids }) => ids.at(-1) === 3000);
      else assert.equal((await reader.untilEnded()).code, 4510);
      const before = reader.ids.filter((id) => id <= 2300);
      assert.ok(before.length >= 1000);
      assert.deepEqual(before, range(1, before.length));
      assert.deepEqual(reader.ids.slice(before.length), hasControl ? range(2301, 3000) : []);
      assert.deepEqual(
        reader.controls('reset').map(({ reason, first }) => [reason, first]),
        hasControl ? [['truncated', 2301]] : [],
      );
      reader.drop();
      assert.deepEqual(server.errors, []);
    });

    test('leaves readers at the head alone, also where a run has lost all its lines', async () => {
      const server = await start({ sse });
      const run = await runOf(server, 300);
      const reader = await read(server, { job_run_id: run.id }).untilLines(300);
      await server.store.truncateRun(run.key, 301, 100);
      server.feed.runsChanged([run.key]);
      await server.writer.lines(run, ['after']);
      await reader.untilLines(301);
      assert.deepEqual(reader.ids, range(1, 301));
      assert.deepEqual(reader.controls('reset'), []);
      reader.drop();
      await server.store.truncateRun(run.key, 302, 100);
      const empty = read(server, { job_run_id: run.id });
      await server.writer.finish(run);
      await empty.untilEnded();
      assert.deepEqual([empty.ids, empty.messages], [[302], ['Job run completed']]);
    });
  });
}

test('a global stream that is behind is told of an ended run’s lines before the run is gone', async () => {
  const server = await start({ tailBytes: 1 });
  const { position } = await server.store.journalHead();
  const after = `${server.store.epoch}-g${position}.0`;
  const run = await runOf(server, 100);
  await server.writer.finish(run);
  const retention = new Retention({
    store: server.store,
    limits: { ageMs: 0, bytes: undefined, lines: undefined },
    intervalMs: 60_000,
    onRemoved: (runKeys) => server.feed.runsChanged(runKeys),
    onError: (error) => server.errors.push(error),
  });
  await retention.pass();
  const emptied = await server.store.readRun(run.id);
  assert.deepEqual([emptied?.first_line, emptied?.line_count], [102, 0]);
  const other = await server.writer.createRun(newRunId());
  const reader = await readSse(server.url, { after }).untilLines(1);
  assert.equal(reader.lines[0]?.job_run_id, other.id);
  assert.deepEqual(
    reader.controls('reset').map(({ reason }) => reason),
    reader.controls('reset').map(() => 'truncated'),
  );
  assert.ok(reader.types.indexOf('reset') > 0 && reader.types.indexOf('reset') < reader.types.indexOf('log'));
  reader.drop();
  const watched = await server.feed.runs.open(run.id, () => {});
  await trimJournal(server.store.database.sql, -3_600_000, 3_600_000);
  await retention.pass();
  await retention.stop();
  assert.equal((await readSse(server.url, { job_run_id: run.id }).untilEnded()).code, 404);
  assert.equal(watched?.isDeleted, true, 'who reads it is told');
});
