import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SUBPROTOCOL } from '@/lib/protocol/close-codes';
import type { Level } from '@/lib/protocol/log-message';
import { readWebSocket } from './testing/clients';
import { useTestServers } from './testing/test-fixture';
import type { TestServer } from './testing/test-server';

const { start, newRunId } = useTestServers();

const level = fc.constantFrom<Level>('info', 'error', 'debug');
const line = fc.record({
  level,
  message: fc.oneof(fc.constantFrom('a', 'b'), fc.string({ unit: 'grapheme', maxLength: 3000 })),
});
const plan = fc.record({
  batches: fc.array(fc.array(line, { minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 12 }),
  /** After how many events of a connection it is cut, in turn. */
  cuts: fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 5 }),
  /** Some lines are there before the reader comes. */
  ahead: fc.integer({ min: 0, max: 12 }),
  filter: fc.constantFrom<Record<string, string>>({}, { level: 'error' }, { level: 'error,info' }, { q: 'a' }),
});
type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

/** The ids that a client gets which is cut off again and again while lines are written. */
async function readInPieces(
  server: TestServer,
  { batches, cuts, ahead, filter }: Plan,
): Promise<{ ids: number[]; wanted: number[] }> {
  const run = await server.writer.createRun(newRunId());
  const write = async (some: Plan['batches']) => {
    for (const batch of some) await server.writer.lines(run, batch);
  };
  await write(batches.slice(0, ahead));
  const writing = write(batches.slice(ahead)).then(() => server.writer.finish(run));
  const ids: number[] = [];
  let after: string | undefined;
  for (let turn = 0; ; turn++) {
    const query = { job_run_id: run.id, filter, ...(after !== undefined && { after }) };
    const reader = readWebSocket(server.url, query, [SUBPROTOCOL]);
    const cut = turn < 40 ? (cuts[turn % cuts.length] ?? 1) : Number.POSITIVE_INFINITY;
    await reader.until((one) => one.seen.length >= cut || one.ended !== undefined);
    reader.drop();
    ids.push(...reader.ids);
    after = reader.resumeAt ?? after;
    if (reader.ended?.code === 1000 || reader.types.at(-1) === 'run-end') break;
  }
  await writing;
  const page = await server.store.readPage({
    run,
    start: { kind: 'offset', offset: 0 },
    limit: 10_000,
    filter: filter.level === undefined ? {} : { levels: new Set(filter.level.split(',') as Level[]) },
  });
  const matching = page.lines.filter(
    ({ batch, index }) => filter.q === undefined || batch.message(index).toLowerCase().includes('a'),
  );
  return { ids, wanted: matching.map(({ batch, index }) => batch.firstLine + index) };
}

test('gives each matching line once and in order, wherever it is cut and whatever is in memory', async () => {
  const servers = [await start({ tailBytes: 1 }), await start({ tailBytes: 20_000 }), await start({})];
  await fc.assert(
    fc.asyncProperty(plan, fc.nat(servers.length - 1), async (one, index) => {
      const server = servers[index];
      assert.ok(server);
      const { ids, wanted } = await readInPieces(server, one);
      assert.deepEqual(ids, wanted);
      assert.deepEqual(server.errors, []);
    }),
    { numRuns: 40 },
  );
});
