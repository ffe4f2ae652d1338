import { once } from 'node:events';
import { expect } from '@playwright/test';
import fc from 'fast-check';
import WebSocket from 'ws';
import { CATALOGUE } from '@/lib/errors/catalogue';
import { freshId } from './api-client';
import { test } from './api-test';
import { Bystanders } from './bystanders';
import { INSIDES } from './raw-exchange';
import { cases } from './seed';

/** Packets of Engine.IO and Socket.IO as no client library writes them. */

const CONNECT = '40/logs,';
const CONNECTED = '40/logs,{';

/** One connection that sends packets as they are and keeps the texts that come back. */
class PacketPeer {
  readonly texts: string[] = [];
  readonly closed: Promise<void>;
  isClosed = false;
  readonly #socket: WebSocket;
  #tell = () => {};

  private constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    this.#socket.on('error', () => {});
    this.#socket.on('message', (data, isBinary) => {
      if (!isBinary) this.texts.push(String(data));
      this.#tell();
    });
    this.closed = once(this.#socket, 'close').then(() => {
      this.isClosed = true;
      this.#tell();
    });
  }

  static async open(url: string, isConnected: boolean): Promise<PacketPeer> {
    const peer = new PacketPeer(url);
    await peer.until((text) => text.startsWith('0{'));
    if (!isConnected) return peer;
    peer.send(CONNECT);
    await peer.until((text) => text.startsWith(CONNECTED));
    return peer;
  }

  send(packet: string | Buffer): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(packet);
  }

  /** Settles at a text that fits, or when the connection is closed. */
  async until(fits: (text: string) => boolean): Promise<void> {
    while (!this.isClosed && !this.texts.some(fits)) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }

  drop(): void {
    this.#socket.terminate();
  }
}

function deep(levels: number): string {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`;
}

const id = fc.constantFrom('', '0', '7', '999999', '99999999999999999999', '-1');
const value = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    'null',
    '{}',
    '[]',
    '1e999',
    '""',
    '{"__proto__":{"x":1}}',
    '{"sub":{"toString":1}}',
    '{"sub":"a"',
    deep(20_000),
  ),
  fc.constantFrom(
    '{"sub":1}',
    '{"sub":1,"job_run_id":"RUN"}',
    '{"sub":"x","job_run_id":"RUN","after":"nonsense"}',
    '{"sub":"x","job_run_id":"RUN","after":1e308}',
    '{"sub":"x","job_run_id":"RUN","tail":-1}',
    '{"sub":"x","job_run_id":"RUN","filter":{"q":"/(/"}}',
    '{"sub":"x","job_run_id":"RUN","filter":{"constructor":"x","level":["error"]}}',
    '{"runs":{"q":"\\u0000","limit":"x"}}',
    '{"runs":{"__proto__":"x"}}',
    '{"run":"../../x"}',
    '{"run":"RUN"}',
    '{"status":true}',
    '{"_placeholder":true,"num":0}',
  ),
);
const event = fc.oneof(
  fc.constantFrom('subscribe', 'unsubscribe', 'watch', 'unwatch'),
  fc.constantFrom('lines', 'connect', 'disconnect', 'error', 'connect_error', 'newListener', '__proto__', '', 'ping'),
);
const namespace = fc.constantFrom(
  '/logs,',
  '/logs,',
  '/logs,',
  '',
  '/,',
  '/other,',
  '/logs?x=1,',
  '/__proto__,',
  '/logs',
);
const packet: fc.Arbitrary<string | Buffer> = fc.oneof(
  // Events, well formed up to what they carry.
  {
    weight: 6,
    arbitrary: fc.tuple(id, event, value).map(([id, name, data]) => `42/logs,${id}[${JSON.stringify(name)},${data}]`),
  },
  // Any type of both layers.
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }), namespace, id, value)
      .map(([outer, inner, space, id, data]) => `${outer}${inner}${space}${id}${data}`),
  },
  // Attachments that are announced and do not come, or come unannounced.
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('0', '1', '2', '11', '99999999999', '-1', ''), fc.constantFrom(5, 6), event, value)
      .map(([count, type, name, data]) => `4${type}${count}-/logs,3[${JSON.stringify(name)},${data}]`),
  },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 64 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'x'.repeat(70_000),
      '1',
      '2probe',
      '3',
      '5',
      '6',
      '41/logs,',
      '44/logs,{}',
      'b4AAAA',
      '4',
    ),
  },
);

test('packets of any kind end at most their own connection, and answers are those of the catalogue', async ({
  server,
  api,
}) => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'packets' });
  const bystanders = await Bystanders.start(server);
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(packet, { minLength: 1, maxLength: 8 }), async (isConnected, packets) => {
      const peer = await PacketPeer.open(server.url, isConnected);
      for (const one of packets) peer.send(typeof one === 'string' ? one.replaceAll('RUN', run) : one);
      // Whatever state they left: either the connection is over, or it answers, or Socket.IO waits for attachments.
      peer.send('42/logs,4242["watch",{"status":true}]');
      peer.send(Buffer.from([1]));
      peer.send('1');
      await peer.closed;
      for (const text of peer.texts) {
        expect(text).not.toMatch(INSIDES);
        const code = /"code":"(STRATAL_\w+)"/.exec(text)?.[1];
        if (code === undefined) continue;
        expect(Object.keys(CATALOGUE)).toContain(code);
        expect(code).not.toBe('STRATAL_INTERNAL');
      }
    }),
    cases(80),
  );
  await bystanders.expectUndisturbed();
  const { connections } = Object(await (await fetch(`${server.url}/api/v1/logs/stream/status`)).json());
  expect(connections).not.toHaveProperty(['jobs', run]);
});

test('a connection that was sent nonsense in good packets still does its work', async ({ server, api }) => {
  const run = freshId();
  await api.lines(run, ['one']);
  const peer = await PacketPeer.open(server.url, true);
  for (const nonsense of ['null', '7', '[]', '{"sub":[]}', '{"sub":1,"filter":{"q":"/(/"}}', '{"sub":1,"after":"x"}']) {
    for (const name of ['subscribe', 'unsubscribe', 'watch', 'unwatch']) peer.send(`42/logs,1["${name}",${nonsense}]`);
  }
  for (const data of ['["subscribe"]', '["other",1]', '["watch",{"run":"nobody"}]']) peer.send(`42/logs,2${data}`);
  peer.send('43/logs,77[]');
  peer.send(`42/logs,9["subscribe",{"sub":1,"job_run_id":"${run}"}]`);
  await peer.until((text) => text.includes('"message":"one"'));
  expect(peer.isClosed).toBe(false);
  expect(peer.texts.filter((text) => text.startsWith('43/logs,9['))).toEqual([expect.stringContaining('"ok":true')]);
  peer.drop();
});
