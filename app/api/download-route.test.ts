import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readServerConfig } from '@/lib/config/server';
import { openLogger } from '@/lib/observability/logger';
import { createRuntime, type Runtime } from '@/lib/runtime';
import { setRuntime } from '@/lib/runtime-handle';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import { GET } from './v1/logs/job-runs/[id]/download/route';

describe('the download route handler', () => {
  let database: TestDatabase;
  let runtime: Runtime;
  before(async () => {
    database = await openTestDatabase();
    const { host, port, database: name, username } = database.options;
    const url = `postgres://${username}@localhost:${port}/${name}?host=${encodeURIComponent(host ?? '')}`;
    runtime = await createRuntime(
      readServerConfig({ NODE_ENV: 'production', DATABASE_URL: url }),
      openLogger('silent'),
    );
    setRuntime(runtime);
    const body = Buffer.from('{"message":"one"}\n{"message":"two"}\n');
    await runtime.ingest(() => undefined, 'filed', {
      body: Readable.from([body]),
      contentType: 'application/x-ndjson',
      contentEncoding: undefined,
    });
  });
  after(async () => {
    setRuntime(undefined);
    await runtime.close();
    await database.drop();
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
