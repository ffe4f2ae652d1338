import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { cutStalledAnswer } from './cut-stalled-answer';

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n';
const STALL_MS = 50;
/** More than the sockets between reader and server hold. */
const LARGE = Buffer.alloc(64 * 1024 * 1024);

const closing: Array<() => void> = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A connection to a server, of which nothing is read before it is asked for. */
async function connectTo(listener: RequestListener): Promise<net.Socket> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  closing.push(() => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return socket;
}

/** Reads until `text` has come; what came before it is in the answer. */
async function readUntil(socket: net.Socket, text: string): Promise<string> {
  let seen = '';
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    seen += String(bytes);
    if (seen.includes(text)) return seen;
  }
  throw new Error(`the connection ended after: ${seen}`);
}

describe('an answer whose reader takes nothing', () => {
  it('is cut, and its connection with it', async () => {
    let cut: Promise<unknown> | undefined;
    const socket = await connectTo((_request, response) => {
      cutStalledAnswer(response, STALL_MS);
      cut = once(response, 'close');
      response.end(LARGE);
    });
    socket.write(GET);
    await once(socket, 'readable');
    await cut;
    let taken = 0;
    for await (const bytes of socket) taken += bytes.length;
    assert.ok(taken < LARGE.length, `${taken} bytes`);
  });

  it('is not cut while there is nothing to take yet', async () => {
    const socket = await connectTo(async (_request, response) => {
      cutStalledAnswer(response, STALL_MS);
      await once(response, 'timeout');
      response.end('late');
    });
    socket.write(GET);
    await readUntil(socket, 'late');
  });

  it('leaves a body behind it on the same connection all the time it takes', async () => {
    const timeouts: Array<number | undefined> = [];
    const socket = await connectTo((request, response) => {
      if (request.method === 'GET') {
        cutStalledAnswer(response, STALL_MS);
        response.end('page');
        return;
      }
      request.once('data', () => {
        timeouts.push(request.socket.timeout);
        response.end('stored');
      });
    });
    socket.write(GET + POST);
    await readUntil(socket, 'page');
    socket.write('body');
    await readUntil(socket, 'stored');
    assert.deepEqual(timeouts, [0]);
  });
});
