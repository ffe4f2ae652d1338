import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogStreamingService } from '@/lib/client/log-streaming-service';
import { numbered } from '@/lib/feed/testing/log-writer';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import { range, untilNoStreams, untilTrue, useTestServers } from '@/lib/transport/testing/test-fixture';
import { ConnectionNews } from './connection-news';
import { followLines } from './live-lines';
import { describeReset } from './reset-words';

const servers = useTestServers();

async function makeRun() {
  const server = await servers.start({});
  const run = await server.writer.createRun(servers.newRunId());
  const said: string[] = [];
  const say = (sentence: string) => {
    said.push(sentence);
  };
  const service = new LogStreamingService(server.url);
  const news = new ConnectionNews(server.url, say);
  const onReset = async (event: ResetEvent) => say(describeReset(event));
  const reading = { service, runId: run.id, filter: {}, after: '0', news, say, onReset };
  return { server, run, said, reading };
}

test('a reader that stands still leaves the stream, and has each line once when it goes on', async () => {
  const { server, run, said, reading } = await makeRun();
  const ids: number[] = [];
  let goOn = (): void => undefined;
  const standing = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const followed = followLines({
    ...reading,
    print: async (logs) => {
      ids.push(...logs.map(({ id }) => id));
      await standing;
      return true;
    },
  });
  await untilTrue(() => ids.length > 0);
  const text = 'x'.repeat(10_000);
  for (let batch = 0; batch < 12; batch += 1) await server.writer.lines(run, Array<string>(100).fill(text));
  await untilNoStreams(server);
  goOn();
  await server.writer.finish(run);
  await followed;
  assert.deepEqual(ids, range(1, 1202));
  assert.deepEqual(said, []);
});

test('lines that wait when the run ends are printed before it is over', async () => {
  const { server, run, reading } = await makeRun();
  await server.writer.lines(run, numbered('line', 500));
  await server.writer.finish(run);
  const ids: number[] = [];
  await followLines({
    ...reading,
    print: async (logs) => {
      await untilNoStreams(server);
      ids.push(...logs.map(({ id }) => id));
      return true;
    },
  });
  assert.deepEqual(ids, range(1, 502));
});

test('it is over where nobody takes lines any more, and where the run is gone', async () => {
  const { server, reading } = await makeRun();
  await followLines({ ...reading, print: async () => false });
  await untilNoStreams(server);
  await assert.rejects(followLines({ ...reading, runId: 'nobody', print: async () => true }), {
    code: 'STRATAL_NO_RUN',
  });
});

test('another log in the place of the one that was followed is told, and read from its start', async () => {
  const { server, run, said, reading } = await makeRun();
  await server.writer.finish(run);
  const ids: number[] = [];
  await followLines({
    ...reading,
    after: 'zzzz-r1.1',
    print: async (logs) => {
      ids.push(...logs.map(({ id }) => id));
      return true;
    },
  });
  assert.deepEqual(ids, [1, 2]);
  assert.deepEqual(said, ['the log that was read is gone, and another one in its place; it begins here, with line 1']);
});

test('a gap is told between the lines around it, also where they wait to be printed', async () => {
  const event = (type: string, value: object) => `event: ${type}\ndata: ${JSON.stringify(value)}\n\n`;
  const line = (id: number) => {
    const facts = { job_run_id: 'r', timestamp: '2026-01-01T00:00:00.000Z', level: 'info', stream: 'stdout' };
    return event('log', { id, ...facts, message: `line ${id}` });
  };
  const body = [
    line(1),
    line(2),
    event('reset', { reason: 'truncated', first: 9, last: 9, cursor: 'e-r1.8' }),
    line(9),
    event('run-end', { cursor: 'e-r1.9.1', job_run_id: 'r', status: 'completed', last: 9 }),
  ].join('');
  const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  const printed: Array<number | string> = [];
  let ends = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    ends = resolve;
  });
  const url = 'http://localhost:8080';
  await followLines({
    service: new LogStreamingService(url, { fetch, onRunEnd: () => ends() }),
    runId: 'r',
    filter: {},
    after: 'e-r1.0',
    news: new ConnectionNews(url, () => undefined),
    say: () => undefined,
    print: async (logs) => {
      await ended;
      printed.push(...logs.map(({ id }) => id));
      return true;
    },
    onReset: async ({ reason }) => {
      printed.push(reason);
    },
  });
  assert.deepEqual(printed, [1, 2, 'truncated', 9]);
});
