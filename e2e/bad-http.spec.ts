import { expect } from '@playwright/test';
import fc from 'fast-check';
import { freshId } from './api-client';
import { expectProblem, test } from './api-test';
import { Bystanders } from './bystanders';
import { exchange, expectCleanAnswer, firstAnswer } from './raw-exchange';
import { cases } from './seed';

/** Requests and upgrades that are none, or odd ones, byte by byte on a socket. */

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION = 'Sec-WebSocket-Version: 13';
const OFFER = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'];
const WS = '/api/v1/logs/stream/ws';
const SOCKET_IO = '/socket.io/?EIO=4&transport=websocket';

function request(method: string, target: string, fields: readonly string[], body = ''): string {
  return `${method} ${target} HTTP/1.1\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
}

test('what is no HTTP, or too much of it, is refused as a problem object and ends the connection', async ({
  server,
}) => {
  const long = 'x'.repeat(20_000);
  for (const [sent, status, code] of [
    ['garbage\r\n\r\n', 400, 'STRATAL_BAD_REQUEST'],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'STRATAL_BAD_REQUEST'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'STRATAL_BAD_REQUEST'],
    [request('GET', '/', []), 400, 'STRATAL_BAD_REQUEST'],
    [request('GET', '/', ['Host: localhost', 'Host: evil.example']), 400, 'STRATAL_BAD_REQUEST'],
    [request('GET', 'http://localhost/', []), 400, 'STRATAL_BAD_REQUEST'],
    [request('GET', '/\x00', ['Host: localhost']), 400, 'STRATAL_BAD_REQUEST'],
    [request('GET', '/', ['Host: localhost', `Cookie: ${long}`]), 431, 'STRATAL_HEADERS_TOO_LARGE'],
    [request('GET', `/?${long}`, ['Host: localhost']), 431, 'STRATAL_HEADERS_TOO_LARGE'],
    [request('GET', '/', ['Host: localhost', 'Expect: the-impossible']), 417, 'STRATAL_EXPECTATION'],
    [request('CONNECT', 'localhost:80', ['Host: localhost']), 405, 'STRATAL_METHOD_NOT_ALLOWED'],
    [
      request(
        'POST',
        '/api/v1/logs',
        ['Host: localhost', 'Content-Length: 1', 'Transfer-Encoding: chunked'],
        '0\r\n\r\n',
      ),
      400,
      'STRATAL_BAD_REQUEST',
    ],
  ] as const) {
    const withClose = sent.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    const answer = firstAnswer(await exchange(server.port, [Buffer.from(withClose, 'latin1')]));
    expect([answer?.status, answer && /"code":"([A-Z_]+)"/.exec(answer.text)?.[1]], sent.slice(0, 80)).toEqual([
      status,
      code,
    ]);
    expect(answer?.headers['content-type']).toBe('application/problem+json');
  }
});

test('an upgrade that is not the opening of a WebSocket is refused in the same form on every path', async ({
  server,
}) => {
  for (const path of [WS, SOCKET_IO]) {
    for (const [method, fields, status, code] of [
      ['GET', [], 426, 'STRATAL_UPGRADE_REQUIRED'],
      ['GET', [KEY], 426, 'STRATAL_UPGRADE_REQUIRED'],
      ['GET', [KEY, 'Sec-WebSocket-Version: 12'], 426, 'STRATAL_UPGRADE_REQUIRED'],
      ['GET', [VERSION], 400, 'STRATAL_BAD_REQUEST'],
      ['GET', ['Sec-WebSocket-Key: short', VERSION], 400, 'STRATAL_BAD_REQUEST'],
      ['GET', [KEY, VERSION, 'Sec-WebSocket-Protocol: ,,'], 400, 'STRATAL_BAD_REQUEST'],
      ['GET', [KEY, VERSION, 'Sec-WebSocket-Protocol: a, a'], 400, 'STRATAL_BAD_REQUEST'],
      ['GET', [KEY, VERSION, 'Host: localhost'], 400, 'STRATAL_BAD_REQUEST'],
      ['POST', [KEY, VERSION], 405, 'STRATAL_METHOD_NOT_ALLOWED'],
      ['BREW', [KEY, VERSION], 400, 'STRATAL_BAD_REQUEST'],
    ] as const) {
      const received = await exchange(server.port, [request(method, path, [...OFFER, ...fields])]);
      const answer = firstAnswer(received);
      if (!answer) throw new Error(`nothing came back to ${method} ${path} ${fields}`);
      expectProblem(answer, status, code);
      if (status === 426) expect(answer.headers['sec-websocket-version']).toBe('13');
    }
  }
  for (const [path, field] of [
    ['/socket.io', 'transport'],
    ['/socket.io/?EIO=4&transport=polling', 'transport'],
    ['/socket.io/?EIO=4&transport=websocket&transport=websocket', 'transport'],
    ['/socket.io/?EIO=3&transport=websocket', 'EIO'],
    ['/socket.io/?EIO=4&transport=websocket&sid=__proto__', 'sid'],
  ] as const) {
    const answer = firstAnswer(await exchange(server.port, [request('GET', path, [...OFFER, KEY, VERSION])]));
    if (!answer) throw new Error(`nothing came back to ${path}`);
    expectProblem(answer, 400, 'STRATAL_BAD_PARAMETER', { field });
  }
  const opened = await exchange(
    server.port,
    [request('GET', '/socket.io?EIO=4&transport=websocket', [...OFFER, KEY, VERSION])],
    (received) => received.includes('"sid"'),
  );
  expect(String(opened)).toMatch(/^HTTP\/1.1 101 /);
});

const word = fc.string({ unit: fc.constantFrom(...'aZ09-_.~%/?&=#:@[]\\"<>|^`{}é\u00ff\x7f\x00 ,;+*'), maxLength: 24 });
const target = fc.oneof(
  fc.constantFrom(
    WS,
    SOCKET_IO,
    '/',
    '/api/v1/job-runs',
    '/api/v1/logs/stream/status',
    '*',
    '//',
    '/.',
    '/../../etc/passwd',
  ),
  fc.constantFrom(
    '/api/v1/logs/job-runs/%2e%2e%2f/download',
    '/_next/static/../../server',
    '/_next/image?url=/etc/passwd&w=64&q=1',
  ),
  word.map((text) => `/${text}`),
  word.map((text) => `/api/v1/${text}`),
  word.map((text) => `${WS}?${text}`),
  word.map((text) => `${SOCKET_IO}&${text}`),
  fc.integer({ min: 0, max: 12_000 }).map((length) => `/${'a/'.repeat(length / 2)}`),
);
const method = fc.constantFrom(
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
  'M-SEARCH',
  'get',
  '',
);
const field = fc.oneof(
  fc.constantFrom(...OFFER, KEY, VERSION),
  fc.constantFrom(
    'Host: localhost:1',
    'Host: [::1',
    'Host:',
    'Host: evil.example',
    'Origin: null',
    'Origin: http://localhost',
  ),
  fc.constantFrom(
    'Upgrade: h2c',
    'Upgrade: websocket, h2c',
    'Connection: keep-alive, Upgrade',
    'Connection: \x01',
    'Upgrade: WebSocket ',
  ),
  fc.constantFrom(
    'Sec-WebSocket-Extensions: permessage-deflate; x=;',
    'Sec-WebSocket-Protocol: stratal.v1, x',
    'HTTP2-Settings: AAA',
  ),
  fc.constantFrom(
    'Last-Event-ID: ',
    'Accept-Encoding: gzip;q=x',
    'Range: bytes=0-',
    'If-None-Match: *',
    'Content-Length: 0',
  ),
  fc.constantFrom(
    'Content-Length: -1',
    'Content-Length: 1e3',
    'Transfer-Encoding: gzip',
    'Transfer-Encoding: chunked, chunked',
    ' folded',
  ),
  fc.constantFrom(
    'Next-Action: x',
    'RSC: 1',
    'Next-Router-State-Tree: %',
    'x-middleware-subrequest: a',
    'x-invoke-path: /',
    'x-matched-path: /',
  ),
  fc.tuple(word, word).map(([name, value]) => `${name}: ${value}`),
);
/** Where a request is cut into writes, and whether its end is missing. */
const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 });

test('no request or upgrade, however odd, brings more than a clean refusal', async ({ server, api }) => {
  const bystanders = await Bystanders.start(server);
  await fc.assert(
    fc.asyncProperty(
      method,
      target,
      fc.array(field, { maxLength: 6 }),
      fc.boolean(),
      cuts,
      async (method, target, fields, isWhole, cuts) => {
        const sent = Buffer.from(
          request(method, target, ['Host: localhost', ...fields, 'Connection: close']),
          'latin1',
        );
        const bytes = isWhole ? sent : sent.subarray(0, sent.length - 1 - (cuts[0] ?? 0));
        const pieces: Buffer[] = [];
        let start = 0;
        for (const size of cuts) {
          pieces.push(bytes.subarray(start, start + size));
          start += size;
        }
        pieces.push(bytes.subarray(start));
        const received = await exchange(server.port, pieces, isAnswered, true);
        const answer = firstAnswer(received);
        if (answer && answer.status >= 400)
          expectCleanAnswer(withoutChunks(answer), JSON.stringify(String(bytes)), !target.startsWith('/api'));
        if (received.length > 0) expect(String(received)).toMatch(/^HTTP\/1\.1 \d{3} /);
      },
    ),
    cases(120),
  );
  expect((await api.get('logs/stream/status')).status).toBe(200);
  await bystanders.expectUndisturbed();
});

test('what follows a request on its connection cannot pass for its answer, nor for another request', async ({
  server,
  api,
}) => {
  const run = freshId();
  const body = '{"message":"first"}\n{"message":"sec';
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n`;
  const fields = ['Host: localhost', 'Content-Type: application/x-ndjson', 'Transfer-Encoding: chunked'];
  const broken = await exchange(server.port, [
    request('POST', `/api/v1/job-runs/${run}/logs`, fields, chunk),
    `ffffffffffffffffff\r\n${request('DELETE', `/api/v1/job-runs/${run}`, ['Host: localhost'])}`,
  ]);
  const answer = firstAnswer(broken);
  if (answer) expectProblem(answer, 400, 'STRATAL_BAD_REQUEST');
  expect(String(broken).match(/^HTTP\/1\.1 \d/gm)?.length ?? 0).toBeLessThanOrEqual(1);
  const answered = request('GET', WS, ['Host: localhost', 'Transfer-Encoding: gzip', 'Connection: close']);
  expect(String(await exchange(server.port, [answered.slice(0, 1), answered.slice(1)])).match(/^HTTP/gm)).toHaveLength(
    1,
  );
  // The first line had arrived whole, whether or not it was stored before the break.
  const stored = (await api.get(`logs/job-runs/${run}`)).status === 404 ? [] : await api.messages(run);
  expect([[], ['first']]).toContainEqual(stored);
});

/** A whole answer, by its length or its last chunk, or the begin of what has no end. */
function isAnswered(received: Buffer): boolean {
  const text = received.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const head = text.slice(0, end);
  if (/^HTTP\/1\.1 (101|204|304)/.test(head) || /text\/event-stream/.test(head)) return true;
  const length = /\r\nContent-Length: (\d+)/i.exec(head)?.[1];
  return length === undefined ? text.endsWith('0\r\n\r\n') : received.length >= end + 4 + Number(length);
}

function withoutChunks(answer: NonNullable<ReturnType<typeof firstAnswer>>) {
  if (answer.headers['transfer-encoding'] !== 'chunked') return answer;
  const json = /\{[\s\S]*\}/.exec(answer.text)?.[0] ?? '';
  return Object.assign(Object.create(Object.getPrototypeOf(answer)), answer, { bytes: Buffer.from(json) });
}
