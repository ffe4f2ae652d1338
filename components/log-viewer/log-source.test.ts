import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { RUN } from '@/lib/client/testing/fixtures';
import { ScriptedServer } from '@/lib/client/testing/scripted-server';
import type { LogMessage } from '@/lib/protocol/log-message';
import { LogSource } from './log-source';

// Stay for the whole file: what a source asked for may be answered after it was stopped.
Object.assign(globalThis, { requestAnimationFrame: setImmediate, cancelAnimationFrame: clearImmediate });

function linesOf(first: number, last: number): LogMessage[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    id: first + index,
    job_run_id: 'run',
    timestamp: '2026-01-31T10:30:00.000Z',
    level: 'info',
    stream: 'stdout',
    message: `line ${first + index}`,
  }));
}

test('a window that the server rendered is held as it is: at the newest line', () => {
  const source = new LogSource({ jobRunId: 'run', initial: { lines: linesOf(801, 1000), first: 1, after: 1000 } });
  const { window, newest, hasOlder, isLoaded } = source.store.getSnapshot();
  assert.deepEqual([window.after, window.through, window.atNewest], [800, 1000, true]);
  assert.deepEqual([newest, hasOlder, isLoaded], [1000, true, true]);
});

test('… and elsewhere in the run, where lines follow that are not held', () => {
  const initial = { lines: linesOf(101, 300), first: 1, after: 5000, newest: 5000 };
  const { window, newest, hasOlder, isLoaded } = new LogSource({ jobRunId: 'run', initial }).store.getSnapshot();
  assert.deepEqual([window.after, window.through, window.atNewest], [100, 300, false]);
  assert.deepEqual([window.lines.length, window.unseen], [200, 0]);
  assert.deepEqual([newest, hasOlder, isLoaded], [5000, true, true]);
});

test('… and under a filter: what was looked through is known, also behind the last line that passes', async () => {
  const [line] = linesOf(600, 600);
  assert.ok(line);
  const initial = { lines: [line], first: 1, after: 1000, span: { after: 400, through: 1000 } };
  const source = new LogSource({ jobRunId: 'run', filter: { q: 'line' }, initial });
  const { window, newest, hasOlder } = source.store.getSnapshot();
  assert.deepEqual([window.after, window.atNewest, newest, hasOlder], [400, true, 1000, true]);
  assert.equal(await source.show(500), 'held');
});

test('each loss of the lines that were shown counts, also where the reason is the same as before', async (context) => {
  const server = await ScriptedServer.start();
  const source = new LogSource({ jobRunId: RUN, baseUrl: server.url, transport: 'sse' });
  context.after(async () => {
    source.stop();
    await server.stop();
  });
  const told = new EventTarget();
  source.store.subscribe(() => told.dispatchEvent(new Event('told')));
  const until = async (isSo: (snapshot: ReturnType<typeof source.store.getSnapshot>) => boolean) => {
    while (!isSo(source.store.getSnapshot())) await once(told, 'told');
  };
  server.log.append(9);
  source.start();
  await until(({ window }) => window.through === 9);
  assert.equal(source.store.getSnapshot().resets, 0);
  for (const [resets, last] of [
    [1, 3],
    [2, 4],
  ] as const) {
    server.log.replace(last);
    server.kill();
    await until((snapshot) => snapshot.resets === resets);
    assert.equal(source.store.getSnapshot().resetReason, 'epoch');
    await until(({ window }) => window.through === last);
  }
});

test('no page is asked for from where the reader was before one that is not shown yet', async (context) => {
  const held = { lines: linesOf(901, 1800), first: 1, after: 2300, newest: 2300 };
  const asked: number[] = [];
  const server = createServer((request, response) => {
    const after = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('after'));
    asked.push(after);
    const pagination = { total: 2300, limit: 500, offset: null, count: 500, next: String(after + 500), ended: false };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ logs: linesOf(after + 1, after + 500), pagination }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const source = new LogSource({ jobRunId: 'run', baseUrl, initial: held });
  const frames: (() => void)[] = [];
  context.mock.method(globalThis, 'requestAnimationFrame', (frame: () => void) => frames.push(frame));
  const show = () => {
    for (const frame of frames.splice(0)) frame();
  };
  context.after(() => {
    source.stop();
    server.close();
  });

  source.loadNewer();
  while (!source.atNewest) await new Promise(setImmediate);
  source.loadOlder();
  show();
  const { window, loading } = source.store.getSnapshot();
  assert.deepEqual([window.through, loading], [2300, undefined]);
  source.loadOlder();
  while (source.store.getSnapshot().window.after === 900) {
    await new Promise(setImmediate);
    show();
  }
  assert.deepEqual(asked, [1800, 400]);
});
