import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { useTestRuntime } from './testing/test-runtime';
import { GET } from './v1/logs/job-runs/[id]/download/route';

describe('the download route handler', () => {
  const runtime = useTestRuntime();
  before(async () => {
    const body = Buffer.from('{"message":"one"}\n{"message":"two"}\n');
    await runtime().ingest(() => undefined, 'filed', {
      body: Readable.from([body]),
      contentType: 'application/x-ndjson',
      contentEncoding: undefined,
    });
  });
  function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const id = path.split('?', 1)[0] ?? '';
    const url = `http://localhost:8080/api/v1/logs/job-runs/${path.replace(id, `${id}/download`)}`;
    return GET(new Request(url, { headers: { host: 'localhost:8080', ...headers } }), {
      params: Promise.resolve({ id }),
    });
  }

  test('answers the file as the server does, not compressed in transit', async () => {
    const answer = await get('filed?format=raw', { 'accept-encoding': 'gzip' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-encoding'), null);
    assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="stratal-filed.log"');
    assert.equal(await answer.text(), 'one\ntwo\n');
  });

  test('compresses the file itself where that is asked', async () => {
    const answer = await get('filed?format=raw&compress=gzip');
    assert.equal(answer.headers.get('content-type'), 'application/gzip');
    assert.equal(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString(), 'one\ntwo\n');
  });

  test('answers errors as problem objects, to foreign pages too', async () => {
    assert.equal((await get('nobody')).status, 404);
    const foreign = await get('filed', { origin: 'https://evil.example' });
    assert.equal(foreign.status, 403);
    assert.match(foreign.headers.get('content-type') ?? '', /problem\+json/);
  });
});
