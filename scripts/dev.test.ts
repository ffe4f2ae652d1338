import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';

/** `npm run dev` as developers start it. */

const ROOT = resolve(import.meta.dirname, '..');
const READY = /Stratal is ready: (http:\/\/localhost:\d+)/;

let folder: string;
let child: ChildProcess;
let url: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stratal-dev-'));
  // Started by root, Postgres runs as another user, who has to pass this folder.
  chmodSync(folder, 0o755);
  const env = { ...process.env, PORT: '0', STRATAL_DATA_DIR: join(folder, 'data'), STRATAL_SAMPLE: 'off' };
  child = spawn(process.execPath, ['scripts/dev.mjs'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  url = await new Promise<string>((found, reject) => {
    let output = '';
    const read = (data: Buffer) => {
      output += data.toString();
      const match = READY.exec(output)?.[1];
      if (match !== undefined) found(match);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
});

after(async () => {
  const gone = once(child, 'exit');
  if (child.exitCode === null && child.kill('SIGTERM')) await gone;
  rmSync(folder, { recursive: true, force: true });
});

/** A socket with the frames it gets; `next` fails where the socket ends instead. */
async function open(path: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { origin: url });
  const frames: string[] = [];
  socket.on('message', (data) => frames.push(String(data)));
  const closed = once(socket, 'close').then(([code]) => Promise.reject(new Error(`${path} was closed with ${code}`)));
  closed.catch(() => {});
  await Promise.race([once(socket, 'open'), closed]);
  const until = async (condition: () => boolean) => {
    while (!condition()) await Promise.race([once(socket, 'message'), closed]);
  };
  return { socket, frames, until };
}

test('hot reloading has its socket, and raw WebSockets outlive all that Next compiles beside them', {
  timeout: 150_000,
}, async () => {
  const post = (message: string) =>
    fetch(`${url}/api/v1/job-runs/dev/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
    });
  assert.equal((await post('one')).status, 200);
  const lines = await open('/api/v1/logs/stream/ws?job_run_id=dev');
  await lines.until(() => lines.frames.length === 1);
  const page = await fetch(`${url}/job-runs/dev`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /one/);
  const reloading = await open('/_next/hmr?id=test');
  await reloading.until(() => reloading.frames.length > 0);
  // The route that matches every address of the API: with it Next would end our socket.
  assert.equal((await fetch(`${url}/api/v1/no/such/address`)).status, 404);
  assert.equal((await post('two')).status, 200);
  await lines.until(() => lines.frames.length === 2);
  assert.deepEqual(
    lines.frames.map((frame) => JSON.parse(frame).message),
    ['one', 'two'],
  );
  assert.equal(reloading.socket.readyState, WebSocket.OPEN);
  lines.socket.terminate();
  reloading.socket.terminate();
});
