import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { readSse } from './testing/clients';
import { range, useTestServers } from './testing/test-fixture';

const { start, newRunId } = useTestServers();

test('a stream begins with all of the newest matches that it was asked for, also where a page has no room for them', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  for (let batch = 0; batch < 3; batch++) {
    await server.writer.lines(run, Array<string>(20).fill('hit '.padEnd(LINE_BYTES_MAX, 'x')));
  }
  const reader = readSse(server.url, { job_run_id: run.id, tail: 50, filter: { q: 'hit' } });
  await reader.until(({ ids }) => ids.at(-1) === 61);
  assert.deepEqual(reader.ids, range(12, 61));
  reader.drop();
});
