import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { StratalError } from '@/lib/errors/stratal-error';
import { type Ingest, serveIngest } from './ingest-direct';

const BODY = '{"message":"a"}\n';

describe('a post of lines', () => {
  const bodies: Array<{ isWhole: boolean; text: string }> = [];
  const ingest: Ingest = async (_header, _run, { body }) => {
    const isWhole = Buffer.isBuffer(body);
    const pieces: Uint8Array[] = [];
    if (isWhole) pieces.push(body);
    else for await (const piece of body) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    bodies.push({ isWhole, text });
    if (text.includes('refuse')) throw new StratalError('STRATAL_INGEST_LINE', 'Line 1: it is refused.');
    return { accepted: 1, skipped: 0, next: null, job_run_ids: [] };
  };
  const server = createServer((request, response) => {
    const options = { ingest, authorize: () => ({ role: 'admin' as const, jobs: 'all' as const }), onError: () => {} };
    assert.ok(serveIngest(request, response, options));
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends pieces on one connection, each when the server has taken in the one before, and waits for the answers to all posts. */
  async function send(pieces: readonly string[], posts: number): Promise<void> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.setEncoding('utf8');
    await once(socket, 'connect');
    let answers = '';
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (text: string) => {
        answers += text;
        if (answers.split('"accepted":1').length > posts) resolve();
      });
    });
    const [served] = pieces.length > 1 ? [once(server, 'request')] : [undefined];
    for (const piece of pieces) {
      socket.write(piece);
      await served;
    }
    await answered;
    socket.destroy();
  }

  const head = (length: number | 'chunked') =>
    `POST /api/v1/logs HTTP/1.1\r\nHost: localhost\r\n${length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`}\r\n\r\n`;

  test('is taken whole where it came with its header, one after the other on a connection', async () => {
    bodies.length = 0;
    const one = `${head(BODY.length)}${BODY}`;
    await send([`${one}${one}`], 2);
    assert.deepEqual(bodies, [
      { isWhole: true, text: BODY },
      { isWhole: true, text: BODY },
    ]);
  });

  test('that waits for "100 Continue" is read once it was told to go on', async () => {
    bodies.length = 0;
    const expecting = head(BODY.length).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n');
    await send([expecting, BODY], 1);
    assert.deepEqual(bodies, [{ isWhole: false, text: BODY }]);
  });

  test('leaves its connection to the next one, also where it is refused', async () => {
    bodies.length = 0;
    const refused = '{"message":"refuse"}\n';
    await send([`${head(refused.length)}${refused}${head(BODY.length)}${BODY}`], 1);
    assert.deepEqual(bodies, [
      { isWhole: true, text: refused },
      { isWhole: true, text: BODY },
    ]);
  });

  test('is read as it comes where it comes later, is large or says no length', async () => {
    bodies.length = 0;
    await send([head(BODY.length), BODY], 1);
    await send([`${head(BODY.length)}${BODY.slice(0, 5)}`, BODY.slice(5)], 1);
    await send([`${head('chunked')}${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`], 1);
    const large = BODY.repeat(10_000);
    await send([`${head(large.length)}${large}`], 1);
    assert.deepEqual(bodies, [
      { isWhole: false, text: BODY },
      { isWhole: false, text: BODY },
      { isWhole: false, text: BODY },
      { isWhole: false, text: large },
    ]);
  });
});
