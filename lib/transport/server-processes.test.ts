import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StratalServer } from '@/e2e/stratal-server';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import { CLIENTS } from './testing/clients';
import { range } from './testing/test-fixture';

/** The built server as two processes on one DATABASE_URL: what one commits, readers of the other get. Build first: npm run build. */

let database: TestDatabase;
let direct: StratalServer;
let handler: StratalServer;
let runs = 0;

before(async () => {
  database = await openTestDatabase();
  direct = await StratalServer.start({ env: database.environment });
  handler = await StratalServer.start({ env: { ...database.environment, STRATAL_SSE: 'handler' } });
});
after(async () => {
  await handler?.close();
  await direct?.close();
  await database?.drop();
});

async function send(method: string, server: StratalServer, path: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
}

async function createRun(server: StratalServer): Promise<string> {
  runs += 1;
  const id = `run-${runs}`;
  await send('POST', server, '/job-runs', { id, job_name: 'two processes' });
  return id;
}

function post(server: StratalServer, run: string, messages: string[]): Promise<void> {
  return send(
    'POST',
    server,
    `/job-runs/${run}/logs`,
    messages.map((message) => ({ message })),
  );
}

describe('two server processes', { timeout: 120_000 }, () => {
  for (const { name, sse, read } of CLIENTS) {
    test(`a reader of one gets what the other commits, and resumes there: ${name}`, async () => {
      const [home, other] = sse === 'handler' ? [handler, direct] : [direct, handler];
      const run = await createRun(other);
      const reader = read(home.url, { job_run_id: run });
      await reader.untilLines(1);
      await post(other, run, ['two', 'three']);
      await reader.untilLines(3);
      await post(home, run, ['four']);
      await reader.untilLines(4);
      const cursor = reader.resumeAt;
      assert.ok(cursor);
      reader.drop();
      await post(other, run, ['five']);
      await send('PATCH', other, `/job-runs/${run}`, { status: 'completed' });
      const resumed = read(home.url, { job_run_id: run, after: cursor });
      await resumed.untilEnded();
      assert.deepEqual([...reader.ids, ...resumed.ids], range(1, 6));
      assert.deepEqual(resumed.controls('reset'), []);
    });
  }

  test('one that is killed takes no line with it, and readers of the other miss nothing', async () => {
    const run = await createRun(direct);
    const [client] = CLIENTS.filter(({ name }) => name === 'stratal.v1');
    assert.ok(client);
    const reader = client.read(handler.url, { job_run_id: run });
    await post(direct, run, ['two']);
    await direct.stop('SIGKILL');
    await reader.untilLines(2);
    await post(handler, run, ['three']);
    await direct.startAgain();
    await post(direct, run, ['four']);
    await send('PATCH', direct, `/job-runs/${run}`, { status: 'completed' });
    await reader.untilEnded();
    assert.deepEqual(reader.ids, range(1, 5));
    assert.deepEqual(reader.messages.slice(1, 4), ['two', 'three', 'four']);
  });
});
