import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { EventSource } from 'eventsource';
import { connect } from '@/lib/store/database';
import { ApiClient } from './api-client';
import { FakeClock } from './fake-clock';
import { PlainPostgres } from './plain-postgres';
import { StratalServer } from './stratal-server';

/** Somebody sets the clock of the machine, on which server and Postgres run, back by an hour. */

let clock: FakeClock | undefined;
let postgres: PlainPostgres | undefined;
let server: StratalServer;
let api: ApiClient;

test.beforeAll(async () => {
  clock = await FakeClock.make();
  test.skip(clock === undefined, 'libfaketime is not installed: apt-get install faketime');
  if (!clock) return;
  postgres = await PlainPostgres.start({ env: clock.env });
  const env = { STRATAL_RETENTION_AGE: '2h', STRATAL_RETENTION_LINES: '150', STRATAL_RETENTION_INTERVAL: '1s' };
  server = await StratalServer.start({ env: { ...env, ...clock.env, ...postgres?.env } });
  api = new ApiClient(server.url);
});

test.afterAll(async () => {
  api?.close();
  await server?.close();
  await postgres?.close();
  await clock?.remove();
});

interface Entry {
  id: number;
  message: string;
  timestamp: string;
}

/** Lines of a stream until it is closed; it resumes by itself. */
function follow(query: string) {
  const lines: Entry[] = [];
  const resets: string[] = [];
  const source = new EventSource(`${server.url}/api/v1/logs/stream/sse${query}`);
  source.addEventListener('log', ({ data }) => lines.push(JSON.parse(data)));
  source.addEventListener('reset', ({ data }) => resets.push(data));
  return { lines, resets, close: () => source.close() };
}

const statusOf = async (id: string) => (await api.get(`job-runs/${id}`)).json('status');
const firstLineOf = async (id: string) => Number((await api.get(`job-runs/${id}`)).json('first_line'));

/** When the first of the server's leases ends, in µs: a dead server's are free then. */
async function firstLeaseEnd(): Promise<number> {
  const sql = connect({ host: postgres?.env.PGHOST, port: 5432, username: 'stratal', database: 'postgres' }, 1);
  const [row] = await sql<Array<{ end: number }>>`select min(expires_at) as end from leases`;
  await sql.end();
  return row?.end ?? 0;
}

// Runs have to be silent for three seconds, twice, and a server is started again.
test.setTimeout(120_000);

test('lines stay numbered, durable and in order, and nothing that watches the time stops or runs wild', async () => {
  const source = randomUUID();
  const messages: string[] = [];
  const send = async (count: number) => {
    const batch = Array.from({ length: count }, (_, index) => `line ${messages.length + index}`);
    const headers = { 'stratal-source': source, 'stratal-position': String(messages.length) };
    const answer = await api.lines('timed', batch, headers);
    expect(answer.json()).toMatchObject({ accepted: count, skipped: 0, next: messages.length + count });
    messages.push(...batch);
  };
  await api.post('job-runs', { id: 'ended', job_name: 'ended' });
  await api.patch('job-runs/ended', { status: 'completed' });
  for (const id of ['beating', 'silent']) await api.post('job-runs', { id, job_name: id, heartbeat_seconds: 1 });
  const job = follow('?job_run_id=timed');
  await send(10);
  const reader = follow('?job_run_id=timed');
  const global = follow('');
  await expect.poll(() => reader.lines.length).toBe(10);
  await send(10);
  await expect.poll(() => [reader.lines.length, global.lines.length]).toEqual([20, 10]);

  await clock?.set('-1h');
  await send(10);
  await expect.poll(() => [reader.lines.length, global.lines.length]).toEqual([30, 20]);
  const at = (index: number) => Date.parse(reader.lines[index]?.timestamp ?? '');
  expect(at(20), 'the clock was set').toBeLessThan(at(19) - 3_500_000);

  // Its producer died with the clock right; the one that is heard stays.
  await expect
    .poll(
      async () => {
        await api.post('job-runs/beating/heartbeat', {});
        return statusOf('silent');
      },
      { timeout: 20_000 },
    )
    .toBe('lost');
  expect(await statusOf('beating')).toBe('running');

  // Killed, with leases that end an hour ahead: the next server does what they are for.
  await clock?.set('+0');
  await expect.poll(async () => (await api.post('job-runs/silent/heartbeat', {})).status).toBe(204);
  await send(10);
  await expect.poll(firstLeaseEnd).toBeGreaterThan(Date.now() * 1000);
  await server.stop('SIGKILL');
  await clock?.set('-1h');
  await server.startAgain();
  await send(10);
  await expect.poll(() => statusOf('silent'), { timeout: 20_000 }).toBe('lost');
  await send(150);
  await expect.poll(() => reader.lines.length).toBe(200);
  expect(reader.lines.map(({ id }) => id)).toEqual(messages.map((_, index) => index + 1));
  expect(reader.lines.map(({ message }) => message)).toEqual(messages);
  await expect.poll(() => global.lines.filter(({ message }) => message.startsWith('line ')).length).toBe(190);
  expect(reader.resets).toEqual([]);
  expect(global.resets).toEqual([]);

  // Retention goes on: of lines what is over, of ended runs nothing that is an hour old by one clock and new by the other.
  await expect.poll(() => firstLineOf('timed')).toBe(51);
  expect(await statusOf('ended')).toBe('completed');
  expect((await api.get('job-runs/ended')).json('line_count')).toBe(2);
  for (const stream of [job, reader, global]) stream.close();
});
