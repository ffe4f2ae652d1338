import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { useTestRuntime } from './testing/test-runtime';
import { GET } from './v1/logs/job-runs/[id]/groups/route';

describe('the route handler of groups', () => {
  const runtime = useTestRuntime();

  function get(id: string, signal?: AbortSignal): Promise<Response> {
    const url = `http://localhost:8080/api/v1/logs/job-runs/${id}/groups?at=2`;
    const request = new Request(url, { headers: { host: 'localhost:8080' }, ...(signal && { signal }) });
    return GET(request, { params: Promise.resolve({ id }) });
  }

  test('answers, and stops where the client has gone, which is no fault of the server', async () => {
    const body = Readable.from([Buffer.from('{"message":"one"}\n{"message":"two"}\n')]);
    const contentType = 'application/x-ndjson';
    await runtime().ingest(() => undefined, 'grouped', { body, contentType, contentEncoding: undefined });
    assert.equal((await get('nobody')).status, 404);
    const { groups } = await (await get('grouped')).json();
    assert.deepEqual(groups, []);
    const gone = new AbortController();
    const answer = get('grouped', gone.signal);
    gone.abort();
    assert.equal((await answer).status, 499);
  });
});
