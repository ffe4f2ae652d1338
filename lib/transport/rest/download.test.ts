import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useTestServers } from '@/lib/transport/testing/test-fixture';
import { openDownload } from './download';
import { parseDownloadQuery } from './download-query';

const { start, newRunId } = useTestServers();

const never = new AbortController().signal;

for (const filter of ['', '&q=x&context=2', '&q=x&traces=true']) {
  test(`a file whose run is deleted while it is read breaks off with an error, and never just ends (${filter || 'no filter'})`, async () => {
    const { store, writer } = await start({});
    const run = await writer.createRun(newRunId());
    // More than is made ahead of what was taken: then the run goes.
    for (let batch = 0; batch < 16; batch += 1) await writer.lines(run, Array<string>(10).fill('x'.repeat(100_000)));
    const query = parseDownloadQuery(new URLSearchParams(`format=raw${filter}`));
    const { body } = await openDownload(store, run.id, query, false, never);
    let pieces = 0;
    await assert.rejects(
      async () => {
        for await (const _piece of body) {
          pieces += 1;
          await store.deleteRun(run.id);
        }
      },
      { code: 'STRATAL_NO_LINES' },
    );
    assert.ok(pieces > 0, 'nothing was read before the end');
  });
}
