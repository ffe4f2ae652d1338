import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { StratalError } from '@/lib/errors/stratal-error';
import { INGEST_LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { type DecodedLine, decodeBody } from './body-decode';
import { PendingBytes } from './body-lines';
import { cleanText } from './decode-text';

interface Outcome {
  lines: DecodedLine[];
  error: StratalError | undefined;
  batches: number;
}

async function decodeChunks(
  body: AsyncIterable<Uint8Array> | Buffer,
  contentType: string | undefined,
  contentEncoding?: string,
): Promise<Outcome> {
  const outcome: Outcome = { lines: [], error: undefined, batches: 0 };
  for await (const batch of decodeBody({ body, contentType, contentEncoding, defaults: { jobRunId: 'r1' } })) {
    assert.equal(outcome.error, undefined, 'a batch after the error');
    outcome.lines.push(...batch.lines);
    outcome.error = batch.error;
    outcome.batches++;
  }
  return outcome;
}

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** Lines that name no time have that of their decoding. */
function untimed(line: DecodedLine) {
  return { ...line, timeUs: 0 };
}

const NDJSON = 'application/x-ndjson';
const JSON_TYPE = 'application/json';

function decodeText(text: string | Buffer, contentType: string | undefined, size = 7): Promise<Outcome> {
  return decodeChunks(chunksOf(Buffer.from(text), size), contentType);
}

function messages({ lines, error }: Outcome): string[] {
  assert.equal(error, undefined, error?.message);
  return lines.map((line) => line.parts.join(''));
}

describe('a body', () => {
  it('of NDJSON has a line a value; blank ones do not count', async () => {
    const body = '\n{"message":"a"}\r\n\n   \n{"message":"b"}\n{"message":"c"}';
    for (const type of [NDJSON, 'application/ndjson', 'application/jsonl; charset=utf-8', JSON_TYPE, undefined]) {
      const outcome = await decodeText(body, type);
      assert.deepEqual(messages(outcome), ['a', 'b', 'c'], type);
      assert.deepEqual(
        outcome.lines.map((line) => line.number),
        [1, 2, 3],
      );
    }
  });

  it('of JSON is an array, an object over lines, or values one after another', async () => {
    const cases: Array<[body: string, messages: string[]]> = [
      ['[]', []],
      [' [ ] ', []],
      ['[{"message":"a"}]', ['a']],
      ['[\n  {"message": "a]\\"}"},\n  {"message":"b", "x":[{}]}\n]\n', ['a]"}', 'b']],
      ['{"message":"a"}', ['a']],
      ['\ufeff{"message":"a"}', ['a']],
      ['\ufeff[{"message":"a"}]', ['a']],
      ['\n\n{\n  "message": "a\\nb",\n  "x": {}\n}\n', ['a\nb']],
      ['{"message":"a"}{"message":"b"}', ['a', 'b']],
      ['{\n"message":"a"}\n{\n"message":"b"}', ['a', 'b']],
      ['', []],
      [' \n ', []],
    ];
    for (const [body, expected] of cases) {
      for (const type of [JSON_TYPE, undefined, 'application/x-www-form-urlencoded']) {
        assert.deepEqual(messages(await decodeText(body, type)), expected, body);
      }
    }
  });

  it('is the same however it is cut into chunks', async () => {
    const line = fc.record({ message: fc.string({ unit: 'binary' }), level: fc.constantFrom('info', 'error') });
    const form = fc.constantFrom('ndjson', 'array', 'pretty', 'gzip');
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        form,
        fc.integer({ min: 1, max: 40 }),
        async (lines, form, size) => {
          let text = lines.map((value) => JSON.stringify(value)).join('\n');
          if (form === 'array') text = JSON.stringify(lines);
          if (form === 'pretty') text = lines.map((value) => JSON.stringify(value, null, 2)).join('\n');
          const bytes = form === 'gzip' ? gzipSync(text) : Buffer.from(text);
          const encoding = form === 'gzip' ? 'gzip' : undefined;
          const cut = await decodeChunks(chunksOf(bytes, size), form === 'ndjson' ? NDJSON : JSON_TYPE, encoding);
          assert.deepEqual(
            messages(cut),
            lines.map(({ message }) => cleanText(message).text),
          );
          const whole = await decodeChunks(bytes, form === 'ndjson' ? NDJSON : JSON_TYPE, encoding);
          assert.deepEqual(whole.lines.map(untimed), cut.lines.map(untimed));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of NDJSON is the same whole as in chunks, good or bad', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{"message":"a"}',
        '{"message":"b","partial":true}',
        '{"message":',
        '{}',
        '\ufeff',
        ' ',
        '\r',
        '[1]',
        '"x"',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    const bytes = fc
      .tuple(fc.array(fc.tuple(piece, fc.constantFrom('\n', '\n\n', ''))), fc.uint8Array({ maxLength: 3 }))
      .map(([pieces, tail]) => Buffer.concat([Buffer.from(pieces.flat().join('')), tail]));
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 40 }), async (body, size) => {
        const cut = await decodeChunks(chunksOf(body, size), NDJSON);
        const whole = await decodeChunks(body, NDJSON);
        assert.deepEqual(whole.lines.map(untimed), cut.lines.map(untimed));
        assert.deepEqual(whole.error?.toString(), cut.error?.toString());
        assert.deepEqual(whole.error?.members, cut.error?.members);
      }),
      { numRuns: 300 },
    );
  });

  it('with bytes that are no UTF-8 has them replaced and counted in their line', async () => {
    const bad = Buffer.from([0xff, 0xc3, 0x28]);
    const good = Buffer.from('\ufffd');
    const line = (message: Buffer) => Buffer.concat([Buffer.from('{"message":"'), message, Buffer.from('"}')]);
    const lines = [line(bad), line(good), line(Buffer.from('é'))];
    const ndjson = Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')]));
    const array = Buffer.concat([
      Buffer.from('['),
      ...lines.flatMap((bytes) => [bytes, Buffer.from(',')]).slice(0, -1),
      Buffer.from(']'),
    ]);
    for (const [bytes, type] of [
      [ndjson, NDJSON],
      [ndjson, JSON_TYPE],
      [array, JSON_TYPE],
    ] as const) {
      const outcome = await decodeText(bytes, type);
      assert.deepEqual(messages(outcome), ['\ufffd\ufffd(', '\ufffd', 'é']);
      assert.deepEqual(
        outcome.lines.map((decoded) => decoded.replaced),
        [2, 0, 0],
      );
    }
  });

  it('that shippers send is understood as it is', async () => {
    const pino = '{"level":30,"time":1795433516498,"msg":"line 0"}\n{"level":50,"time":1795433516504,"msg":"line 1"}\n';
    assert.deepEqual(messages(await decodeText(pino, undefined)), ['line 0', 'line 1']);
    assert.deepEqual(messages(await decodeText('{"i":1,"level":"info","message":"winston line 1 🚀"}', JSON_TYPE)), [
      'winston line 1 🚀',
    ]);
  });
});

describe('a bad body', () => {
  type Case = [body: string, type: string, code: string, line: number, field: string | undefined, good: number];
  const cases: Case[] = [
    ['{"message":"a"}\n{"message":5}\n{"message":"c"}', NDJSON, 'STRATAL_INGEST_LINE', 2, 'message', 1],
    ['{"message":"a"}\n\n{oops}\n', NDJSON, 'STRATAL_INGEST_LINE', 2, undefined, 1],
    ['{"message":"a"}\n[]\n', NDJSON, 'STRATAL_INGEST_LINE', 2, undefined, 1],
    ['plain text\n', JSON_TYPE, 'STRATAL_INGEST_LINE', 1, undefined, 0],
    ['"text"', JSON_TYPE, 'STRATAL_INGEST_LINE', 1, undefined, 0],
    ['5 6', JSON_TYPE, 'STRATAL_INGEST_LINE', 1, undefined, 0],
    [
      '[{"message":"a"},{"message":"b","level":"loud"},{"message":"c"}]',
      JSON_TYPE,
      'STRATAL_INGEST_LINE',
      2,
      'level',
      1,
    ],
    ['[{"message":"a"},5]', JSON_TYPE, 'STRATAL_INGEST_LINE', 2, undefined, 1],
    ['[{"message":"a"},{"message"}]', JSON_TYPE, 'STRATAL_INGEST_LINE', 2, undefined, 1],
    ['{"message":"a","job_run_id":"r2"}', NDJSON, 'STRATAL_INGEST_LINE', 1, 'job_run_id', 0],
    ['{"message":"a","partial":true}\n{"message":"b"}', NDJSON, 'STRATAL_INGEST_LINE', 1, 'partial', 0],
    ['{"message":"a"}\n{"message":"b', NDJSON, 'STRATAL_INGEST_CUT', 2, undefined, 1],
    ['{"message":"a"}\n{"message":"b"', NDJSON, 'STRATAL_INGEST_CUT', 2, undefined, 1],
    ['{"message":"a"}\n{', JSON_TYPE, 'STRATAL_INGEST_CUT', 2, undefined, 1],
    ['[{"message":"a"},{"mess', JSON_TYPE, 'STRATAL_INGEST_CUT', 2, undefined, 1],
    ['[{"message":"a"}', JSON_TYPE, 'STRATAL_INGEST_CUT', 2, undefined, 1],
    ['[', JSON_TYPE, 'STRATAL_INGEST_CUT', 1, undefined, 0],
    ['{\n"message":"a"', JSON_TYPE, 'STRATAL_INGEST_CUT', 1, undefined, 0],
    ['[{"message":"a"},]', JSON_TYPE, 'STRATAL_BAD_BODY', 2, undefined, 1],
    ['[,{"message":"a"}]', JSON_TYPE, 'STRATAL_BAD_BODY', 1, undefined, 0],
    ['[{"message":"a"}{"message":"b"}]', JSON_TYPE, 'STRATAL_BAD_BODY', 2, undefined, 1],
    ['[{"message":"a"}] x', JSON_TYPE, 'STRATAL_BAD_BODY', 2, undefined, 1],
  ];

  for (const [body, type, code, line, field, good] of cases) {
    it(`names what is wrong and where, behind the good lines: ${body.replaceAll('\n', '⏎')}`, async () => {
      for (const size of [1, 5, 1000]) {
        const { lines, error } = await decodeText(body, type, size);
        assert.deepEqual([error?.code, error?.members.line, error?.members.field], [code, line, field]);
        assert.equal(lines.length, good);
      }
    });
  }

  it('of a type, charset or encoding that is not taken is refused before it is read', async () => {
    const unread: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('was read')) }),
    };
    for (const [type, encoding] of [
      ['text/plain', undefined],
      ['application/json; charset=latin1', undefined],
      [JSON_TYPE, 'br'],
    ] as const) {
      const { error } = await decodeChunks(unread, type, encoding);
      assert.equal(error?.code, 'STRATAL_MEDIA_TYPE');
    }
  });

  it('has lines of at most 16 MiB', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 'x');
    async function* body(start: string, end: string, mebibytes: number): AsyncGenerator<Uint8Array> {
      yield Buffer.from(start);
      for (let index = 0; index < mebibytes; index++) yield mebibyte;
      yield Buffer.from(end);
    }
    const count = INGEST_LINE_BYTES_MAX / mebibyte.length;
    const fits = await decodeChunks(body('{"message":"', '"}\n', count - 1), NDJSON);
    assert.equal(messages(fits)[0]?.length, (count - 1) * mebibyte.length);
    for (const [start, end, type] of [
      ['{"message":"a"}\n{"message":"', '"}\n', NDJSON],
      ['{"message":"a"}\n{"message":"', '"}', NDJSON],
      ['[{"message":"a"},{"message":"', '"}]', JSON_TYPE],
    ] as const) {
      const { lines, error } = await decodeChunks(body(start, end, count), type);
      assert.deepEqual([error?.code, error?.members.line, lines.length], ['STRATAL_TOO_LARGE', 2, 1]);
    }
  });

  it('that comes byte by byte is copied together, so that no buffer is kept for a byte', () => {
    const sent = Buffer.from('x'.repeat(100_000));
    const pending = new PendingBytes();
    for (let index = 0; index < sent.length; index++) pending.add(sent.subarray(index, index + 1));
    sent.fill('!');
    assert.equal(pending.takeWith(Buffer.from('y')).toString(), `${'x'.repeat(100_000)}y`);
  });

  it('nested a million deep is refused without parsing it', async () => {
    const deep = `{"message":"x","a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}\n`;
    for (const type of [NDJSON, JSON_TYPE]) {
      const { error } = await decodeText(deep, type, 100_000);
      assert.deepEqual([error?.code, error?.members.line], ['STRATAL_INGEST_LINE', 1]);
      assert.match(error?.message ?? '', /nested at most 1000 deep/);
    }
  });

  it('of a million values in one line is refused without parsing it', async () => {
    for (const values of ['[],'.repeat(1_000_000), '1,'.repeat(1_000_000), '{"a":1,"a":2},'.repeat(500_000)]) {
      const { error } = await decodeText(`{"message":"x","a":[${values}1]}\n`, NDJSON, 100_000);
      assert.deepEqual([error?.code, error?.members.line], ['STRATAL_INGEST_LINE', 1]);
      assert.match(error?.message ?? '', /hold at most 50000 values/);
    }
    const text = ','.repeat(200_000);
    assert.deepEqual(messages(await decodeText(JSON.stringify({ message: text }), NDJSON, 100_000)).join(''), text);
  });

  it('whose connection breaks yields what had arrived whole', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    for (const [type, encoding] of [
      [NDJSON, undefined],
      [JSON_TYPE, undefined],
      [NDJSON, 'gzip'],
    ] as const) {
      const arrived = new Promise<Outcome>((resolve) => {
        server.once('request', (incoming) => resolve(decodeChunks(incoming, type, encoding)));
      });
      const text =
        type === JSON_TYPE ? '[{"message":"a"},{"message":"b"},{"mess' : '{"message":"a"}\n{"message":"b"}\n{"mess';
      const bytes =
        encoding === 'gzip'
          ? Buffer.concat([gzipSync(text), gzipSync('age":"c"}').subarray(0, 12)])
          : Buffer.from(text);
      const outgoing = request({ port, method: 'POST', headers: { 'content-length': 1000 } });
      outgoing.on('error', () => {});
      await new Promise((resolve) => outgoing.write(bytes, resolve));
      outgoing.destroy();
      const { lines, error } = await arrived;
      assert.deepEqual([error?.code, error?.members.line], ['STRATAL_INGEST_CUT', 3], String(encoding));
      assert.equal(lines.length, 2);
    }
    server.close();
  });
});

describe('a partial line', () => {
  it('comes last, in a batch of its own, when the body has ended well', async () => {
    const outcome = await decodeText('{"message":"a"}\n{"message":"b","partial":true}\n', NDJSON);
    assert.deepEqual(
      outcome.lines.map((line) => [line.number, line.partial]),
      [
        [1, false],
        [2, true],
      ],
    );
    assert.equal((await decodeText('[{"message":"b","partial":true}', JSON_TYPE)).lines.length, 0);
  });
});

describe('memory', () => {
  it('holds no more than a chunk or two of a body, and stops reading with its reader', async () => {
    let yielded = 0;
    const chunk = Buffer.from('{"message":"x"}\n'.repeat(1000));
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yielded++;
        yield chunk;
      }
    }
    let batches = 0;
    for await (const batch of decodeBody({
      body: endless(),
      contentType: undefined,
      contentEncoding: undefined,
      defaults: { jobRunId: 'r1' },
    })) {
      assert.ok(batch.lines.length >= 999, 'not a chunk of lines');
      assert.ok(yielded <= batches + 2, 'read ahead');
      if (++batches === 100) break;
    }
    assert.ok(yielded <= 102, `${yielded} chunks were read`);
  });
});
