import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { EventSource } from 'eventsource';
import { ApiClient } from './api-client';
import { expectProblem } from './api-test';
import { StratalRun } from './run-command';
import { StratalServer } from './stratal-server';

/** A disk that fills: the database's folder is a small file system in memory, which only root can mount. */

const MIB = 1024 * 1024;
const DISK_MIB = 400;
const RESERVE_MIB = 64;
/** Left above the reserve when the test begins to fill it. */
const ROOM_MIB = 24;
const BATCH_LINES = 64;
/** More than the room takes. */
const BATCHES_MAX = 200;

let folder: string;
let ballast: string;
let server: StratalServer;
let api: ApiClient;

test.skip(process.platform !== 'linux' || process.getuid?.() !== 0, 'only root on Linux can mount a small disk');

test.beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0755`, 'stratal-e2e', folder], {
      stdio: 'pipe',
    });
  } catch (error) {
    await rm(folder, { recursive: true });
    test.skip(true, `no file system can be mounted here: ${error}`);
  }
  // Started by root, Postgres runs as another user, who has to pass this folder.
  await chmod(folder, 0o755);
  ballast = path.join(folder, 'ballast');
  server = await StratalServer.start({ env: { STRATAL_DISK_RESERVE: `${RESERVE_MIB}MiB` }, folder });
  api = new ApiClient(server.url);
});

test.afterAll(async () => {
  api?.close();
  await server?.close();
  if (server) execFileSync('umount', [folder]);
  await rm(folder, { recursive: true, force: true });
});

async function freeMib(): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return (bavail * bsize) / MIB;
}

/** Lines of text that no compression makes smaller. */
function batchOf(from: number): string[] {
  return Array.from({ length: BATCH_LINES }, (_, index) => `${from + index} ${randomBytes(6000).toString('base64')}`);
}

// Two starts, and a command that comes back when it was told to: after five seconds.
test.setTimeout(120_000);

test('a full disk stops new lines alone: readers go on, nothing acknowledged is lost, and space brings it back', async () => {
  await api.post('job-runs', { id: 'filling', job_name: 'filling' });
  await api.post('job-runs', { id: 'other', job_name: 'other' });
  await writeFile(ballast, Buffer.alloc(Math.floor(((await freeMib()) - RESERVE_MIB - ROOM_MIB) * MIB)));

  // The same source all along, so that what is repeated is stored once.
  const source = randomUUID();
  const sent: string[] = [];
  let acknowledged = 0;
  const send = async (batch: string[]) => {
    const position = String(acknowledged);
    return api.lines('filling', batch, { 'stratal-source': source, 'stratal-position': position });
  };
  let refused = batchOf(0);
  let answer = await send(refused);
  for (let batches = 1; answer.status === 200 && batches < BATCHES_MAX; batches++) {
    sent.push(...refused);
    acknowledged = Number(answer.json('next'));
    expect(acknowledged).toBe(sent.length);
    refused = batchOf(acknowledged);
    answer = await send(refused);
  }
  // What of the last body was stored before space was short is acknowledged too.
  const accepted = Number(answer.json('accepted'));
  expectProblem(answer, 507, 'STRATAL_DISK_FULL', { next: acknowledged + accepted, reserve_bytes: RESERVE_MIB * MIB });
  sent.push(...refused.splice(0, accepted));
  acknowledged += accepted;
  expect(answer.headers['retry-after']).toBe('5');
  expect(acknowledged).toBeGreaterThan(0);
  expect(await freeMib()).toBeGreaterThan(RESERVE_MIB - 8);

  // Now not even a line fits: what others write counts too, Postgres' own log among it.
  const room = (await freeMib()) - RESERVE_MIB + 4;
  await appendFile(ballast, Buffer.alloc(Math.max(0, Math.ceil(room * MIB))));
  await expect.poll(async () => (await api.lines('other', ['x'])).status).toBe(507);
  expectProblem(await api.post('job-runs', { job_name: 'new' }), 507, 'STRATAL_DISK_FULL');
  expectProblem(await api.post('task-runs', { job_run_id: 'other', task_name: 'new' }), 507, 'STRATAL_DISK_FULL');
  expectProblem(await api.lines('unknown-run', ['x']), 507, 'STRATAL_DISK_FULL');
  expect((await api.get('job-runs/unknown-run')).status).toBe(404);
  expect((await api.patch('job-runs/other', { status: 'completed' })).status).toBe(200);
  expect((await api.post('job-runs/filling/heartbeat', {})).status).toBe(204);

  // Readers, also after a kill: the start needs no space that is not there.
  const readAll = async () => (await api.get('logs/job-runs/filling/download?format=raw')).text;
  const all = () => sent.map((line) => `${line}\n`).join('');
  expect(await readAll()).toBe(all());
  await server.stop('SIGKILL');
  await server.startAgain();
  expect(await readAll()).toBe(all());
  const live: string[] = [];
  const stream = new EventSource(`${server.url}/api/v1/logs/stream/sse?job_run_id=filling&tail=1`);
  stream.addEventListener('log', ({ data }) => live.push(JSON.parse(data).message));
  await expect.poll(() => live).toEqual(sent.slice(-1));

  // A command that runs meanwhile keeps its lines.
  const command = await StratalRun.start(server.url, ['echo', 'said while the disk was full']);
  expect((await send(refused)).status).toBe(507);

  await rm(ballast);
  await expect.poll(async () => (await send(refused)).status).toBe(200);
  sent.push(...refused);
  expect(await readAll()).toBe(all());
  await expect.poll(() => live.length).toBe(1 + refused.length);
  expect(live.slice(1)).toEqual(refused);
  stream.close();
  expect(await command.exitCode).toBe(0);
  expect(await api.messages(command.runId)).toEqual(['said while the disk was full']);
  expect(server.output).toContain('there is space on the disk again');
});
