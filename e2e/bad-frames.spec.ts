import { once } from 'node:events';
import net from 'node:net';
import { expect } from '@playwright/test';
import fc from 'fast-check';
import { freshId } from './api-client';
import { test } from './api-test';
import { Bystanders } from './bystanders';
import { cases } from './seed';

/** WebSocket frames as a raw socket can write them, against the endpoint of the lines. */

interface Frame {
  fin: boolean;
  /** The three reserved bits, 0 to 7. */
  rsv: number;
  opcode: number;
  isMasked: boolean;
  /** How the length is written; one too small for it is not used. */
  lengthBytes: 1 | 2 | 8;
  payload: Buffer;
}

const PAYLOAD_BYTES_MAX = 4096;

function encode({ fin, rsv, opcode, isMasked, lengthBytes, payload }: Frame): Buffer {
  const { length } = payload;
  const mask = isMasked ? Buffer.from([0x12, 0x34, 0x56, 0x78]) : Buffer.alloc(0);
  const size = Math.max(lengthBytes, length < 126 ? 1 : length < 65_536 ? 2 : 8);
  const head = Buffer.alloc(size === 1 ? 2 : 2 + size);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (size === 1 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
  const data = Buffer.from(payload);
  if (isMasked) for (let index = 0; index < length; index++) data[index] = (data[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return Buffer.concat([head, mask, data]);
}

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** Codes that a peer may put into a close frame (RFC 6455 §7.4, and the ones registered since). */
function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

interface Outcome {
  code: number;
  pongs: Buffer[];
}

/** What RFC 6455 and docs/protocol.md make of frames, up to the one that ends the connection. */
function judge(frames: readonly Frame[]): Outcome {
  const pongs: Buffer[] = [];
  let open: { opcode: number; pieces: Buffer[] } | undefined;
  for (const { fin, rsv, opcode, isMasked, lengthBytes, payload } of frames) {
    const end = (code: number): Outcome => ({ code, pongs });
    const isControl = opcode >= 8;
    const isKnown = opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
    if (rsv !== 0 || !isKnown || !isMasked || (isControl && (!fin || lengthBytes > 1 || payload.length > 125)))
      return end(1002);
    if (opcode === CONTINUATION ? !open : !isControl && open) return end(1002);
    if (opcode === PING) pongs.push(payload);
    if (opcode === CLOSE) {
      if (payload.length === 0) return end(1005);
      const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
      if (!mayBeSent(code)) return end(1002);
      return end(isUtf8(payload.subarray(2)) ? code : 1007);
    }
    if (isControl) continue;
    open = { opcode: open?.opcode ?? opcode, pieces: [...(open?.pieces ?? []), payload] };
    const message = Buffer.concat(open.pieces);
    if (message.length > PAYLOAD_BYTES_MAX) return end(1009);
    if (!fin) continue;
    if (open.opcode === BINARY) return end(1003);
    return end(isUtf8(message) ? 1008 : 1007);
  }
  throw new Error('the frames do not end the connection');
}

/** The first frame of what a server sent, which is never masked; undefined while it is not whole. */
function firstFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = start + length;
  if (bytes.length < end) return undefined;
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(start, end), end };
}

/** Sends frames in pieces after the handshake; what the server sent back, until it closed. */
async function speak(port: number, run: string, bytes: Buffer, cuts: readonly number[]): Promise<Outcome> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  socket.write(
    `GET /api/v1/logs/stream/ws?job_run_id=${run} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  let head = Buffer.alloc(0);
  while (!head.includes('\r\n\r\n')) head = Buffer.concat([head, ...(await once(socket, 'data'))]);
  expect(String(head)).toMatch(/^HTTP\/1\.1 101 /);
  const outcome: Outcome = { code: 1006, pongs: [] };
  let rest = head.subarray(head.indexOf('\r\n\r\n') + 4);
  const over = new Promise<void>((resolve) => {
    const read = () => {
      for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
        rest = rest.subarray(frame.end);
        if (frame.opcode === PONG) outcome.pongs.push(frame.payload);
        if (frame.opcode !== CLOSE) continue;
        outcome.code = frame.payload.length === 0 ? 1005 : frame.payload.readUInt16BE(0);
        resolve();
      }
    };
    read();
    socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      read();
    });
    socket.on('close', () => resolve());
  });
  let start = 0;
  for (const size of [...cuts, bytes.length]) {
    if (!socket.writable) break;
    const piece = bytes.subarray(start, start + size);
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    start += size;
  }
  await over;
  socket.destroy();
  return outcome;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((value) => Buffer.from(value)),
  fc
    .constantFrom('{"subscribe":"all"}', '{"__proto__":{"a":1}}', '42["subscribe",{}]')
    .map((value) => Buffer.from(value)),
);
const broken = fc
  .constantFrom([0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0x41, 0xe2, 0x82])
  .map((bytes) => Buffer.from(bytes));
const sized = fc
  .constantFrom(0, 1, 124, 125, 126, 127, 128, 4095, 4096, 4097, 65_535, 65_536, 300_000)
  .map((length) => Buffer.alloc(length, 'a'));
const closing = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 0, max: 65_535 }),
      fc.constantFrom(999, 1000, 1004, 1005, 1006, 1011, 1015, 2999, 3000, 5000),
    ),
    fc.oneof(text, broken),
  )
  .map(([code, reason]) => {
    const payload = Buffer.concat([Buffer.alloc(2), reason]);
    payload.writeUInt16BE(code);
    return payload.subarray(0, 125);
  });
const usual = { fin: true, rsv: 0, isMasked: true, lengthBytes: 1 as const };
const frame: fc.Arbitrary<Frame> = fc.oneof(
  // Control frames that are good, between and inside messages.
  { weight: 4, arbitrary: text.map((payload) => ({ ...usual, opcode: PING, payload: payload.subarray(0, 125) })) },
  { weight: 2, arbitrary: text.map((payload) => ({ ...usual, opcode: PONG, payload: payload.subarray(0, 125) })) },
  // Fragments.
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(CONTINUATION, TEXT, BINARY), fc.boolean(), fc.oneof(text, broken, sized))
      .map(([opcode, fin, payload]) => ({ ...usual, opcode, fin, payload })),
  },
  { weight: 2, arbitrary: closing.map((payload) => ({ ...usual, opcode: CLOSE, payload })) },
  // Anything.
  {
    weight: 3,
    arbitrary: fc.record({
      fin: fc.boolean(),
      rsv: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }) }),
      opcode: fc.integer({ min: 0, max: 15 }),
      isMasked: fc.boolean(),
      lengthBytes: fc.constantFrom(1 as const, 2 as const, 8 as const),
      payload: fc.oneof(text, broken, sized),
    }),
  },
);
const goodbye: Frame = { ...usual, opcode: CLOSE, payload: Buffer.from([0x03, 0xe8]) };

test('frames of any kind are answered as the protocol says, and close nobody else', async ({ server, api }) => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'frames' });
  const bystanders = await Bystanders.start(server);
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 }),
      async (frames, cuts) => {
        const sent = [...frames, goodbye];
        const expected = judge(sent);
        const got = await speak(server.port, run, Buffer.concat(sent.map(encode)), cuts);
        expect(got.code, JSON.stringify(sent.map(({ payload, ...it }) => ({ ...it, bytes: payload.length })))).toBe(
          expected.code,
        );
        // The last of them may still have been on its way when the close frame was written.
        expect(expected.pongs.map(String).slice(0, got.pongs.length)).toEqual(got.pongs.map(String));
      },
    ),
    cases(120),
  );
  await bystanders.expectUndisturbed();
});

test('frames whose length no message may have are refused at their head', async ({ server, api }) => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'frames' });
  for (const [head, code] of [
    ['8117', 1002],
    ['81ff0000000000001001', 1009],
    ['81ff00000000ffffffff', 1009],
    ['81ffffffffffffffffff', 1009],
    ['82ff7fffffffffffffff', 1009],
    ['88fe0100', 1002],
    ['89fe007e', 1002],
  ] as const) {
    expect((await speak(server.port, run, Buffer.from(head, 'hex'), [])).code, head).toBe(code);
  }
});
