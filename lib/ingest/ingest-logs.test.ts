import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { INGEST_HELD_BYTES_MAX } from '@/lib/config/limits';
import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import { TASKS_OF_RUN_MAX } from '@/lib/protocol/limits';
import { fillTasks } from '@/lib/store/testing/fill-tasks';
import { makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { AppendQueue } from './append-queue';
import { IngestLoad } from './ingest-load';
import { type IngestContext, ingestLogs } from './ingest-logs';
import { parseIngestRequest } from './ingest-request';
import { LineTargets } from './line-targets';

const MIB = 1024 * 1024;
const CHUNK = Buffer.from(`${JSON.stringify({ message: 'x'.repeat(1000) })}\n`.repeat(64));

describe('ingestLogs', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  /** What bodies are taken in with, whose lines go to `target`. */
  const contextOf = (target: ConstructorParameters<typeof AppendQueue>[0], load = new IngestLoad()): IngestContext => ({
    queue: new AppendQueue(target, () => {}),
    targets: new LineTargets(context.store),
    load,
    clock: new ManualClock(),
    admit: async () => () => {},
    relayPartial: () => {},
  });

  test('holds the lines of many bodies within one bound while commits are slow, and of none when they have failed', async () => {
    const { store } = context;
    const commit = deferred();
    const held = {
      append: async () => {
        await commit.promise;
        throw new StratalError('STRATAL_STORE_DOWN', 'The database does not answer.');
      },
      sourcePositions: store.sourcePositions,
    };
    const load = new IngestLoad();
    const ingest = contextOf(held, load);
    let pulled = 0;
    async function* body(): AsyncGenerator<Buffer> {
      for (let bytes = 0; bytes < 8 * MIB; bytes += CHUNK.length) {
        pulled += CHUNK.length;
        yield CHUNK;
      }
    }
    const bodies = Array.from({ length: 20 }, (_, index) =>
      ingestLogs(
        ingest,
        parseIngestRequest(() => undefined, `run-${index}`),
        {
          body: body(),
          contentType: 'application/x-ndjson',
          contentEncoding: undefined,
        },
      ).catch((error: unknown) => error),
    );
    // All have read as far as they will when nothing is taken in many turns of the event loop.
    for (let quiet = 0, last = -1; quiet < 500; quiet++) {
      await setImmediate();
      if (pulled !== last) quiet = 0;
      last = pulled;
    }
    assert.ok(load.isHigh);
    assert.ok(pulled < INGEST_HELD_BYTES_MAX + 20 * MIB, `${pulled / MIB} MiB of 160 were read`);
    commit.resolve();
    for (const outcome of await Promise.all(bodies)) {
      assert.ok(isStratalError(outcome) && outcome.code === 'STRATAL_STORE_DOWN' && outcome.members.accepted === 0);
    }
    assert.equal(load.heldBytes, 0);
  });

  test('commits lines that came during a commit when that is over, whether more of the body comes or not', async () => {
    const { store } = context;
    const [first, second] = [deferred(), deferred()];
    let commits = 0;
    const counted = {
      append: async (...group: Parameters<typeof store.append>) => {
        commits += 1;
        await (commits === 1 ? first.promise : undefined);
        const result = await store.append(...group);
        if (commits === 2) second.resolve();
        return result;
      },
      sourcePositions: store.sourcePositions,
    };
    const ingest = contextOf(counted);
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"message":"one"}\n');
      while (commits === 0) await setImmediate();
      yield Buffer.from('{"message":"two"}\n{"message":"three"}\n');
      first.resolve();
      // The body does not end before its lines are stored.
      await second.promise;
    }
    const request = parseIngestRequest(() => undefined, 'slow-body');
    const input = { body: body(), contentType: 'application/x-ndjson', contentEncoding: undefined };
    const { accepted } = await ingestLogs(ingest, request, input);
    assert.equal(accepted, 3);
    assert.equal(commits, 2);
  });

  test('stores a body up to the line whose task its run has no room for', async () => {
    const { store } = context;
    const run = await makeRun(store, 'full');
    await fillTasks(store, run);
    const ingest = contextOf(store);
    const lines = ['full-2', 'new', 'newer', 'full-3'].map((task_run_id) =>
      JSON.stringify({ message: 'x', task_run_id }),
    );
    const request = parseIngestRequest(() => undefined, 'full');
    const input = { body: Buffer.from(lines.join('\n')), contentType: undefined, contentEncoding: undefined };
    await assert.rejects(ingestLogs(ingest, request, input), (error) => {
      assert.ok(isStratalError(error));
      assert.deepEqual([error.status, error.code], [400, 'STRATAL_TOO_MANY_TASKS']);
      assert.deepEqual(error.members, { accepted: 2, next: null, line: 3 });
      return true;
    });
    assert.equal((await store.readRun('full'))?.line_count, 2);
    assert.equal((await store.readTasksOfRun('full')).length, TASKS_OF_RUN_MAX);
  });
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
