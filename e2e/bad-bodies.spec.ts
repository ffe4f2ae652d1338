import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from '@playwright/test';
import fc from 'fast-check';
import { type ApiClient, freshId } from './api-client';
import { test } from './api-test';
import { Bystanders } from './bystanders';
import { expectCleanAnswer } from './raw-exchange';
import { cases } from './seed';

/** Ingest bodies and headers of any kind: whatever is refused, the answer says exactly what of it was stored. */

interface Sent {
  text: string;
  /** What is stored of it; undefined: the line is refused. */
  message: string | undefined;
}

const good = (message: string, more: object = {}): Sent => ({ text: JSON.stringify({ message, ...more }), message });
const bad = (text: string): Sent => ({ text, message: undefined });

const TOO_MANY_BRACKETS = '{"message":"x"}}';
const plain = fc.string({ unit: fc.constantFrom(...'ab 1é😀"\\\n\t\u001b{}[]:,'), maxLength: 30 });
const line: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 12, arbitrary: plain.map((text) => good(text)) },
  {
    weight: 2,
    arbitrary: fc.tuple(plain, fc.constantFrom('error', 'WARN', 30, 60)).map(([text, level]) => good(text, { level })),
  },
  { weight: 1, arbitrary: fc.constant(good('x'.repeat(70_000))) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      bad('{"message":1}'),
      bad('{"message":"x","level":"loud"}'),
      bad('{"message":"x","timestamp":"yesterday"}'),
      bad('{"message":"x","job_run_id":"another"}'),
      bad('{"message":"x","task_run_id":"../x"}'),
      bad('{"message":"x","attributes":7}'),
      bad('{"message":"x","stream":"__proto__"}'),
      bad('{"no":"message"}'),
      bad(`{"message":"x","a":${'['.repeat(3000)}${']'.repeat(3000)}}`),
      bad(`{"message":"x","a":"${'y'.repeat(9000)}"}`),
      bad('null'),
      bad('"text"'),
      bad(TOO_MANY_BRACKETS),
      bad('{"message":"x",}'),
    ),
  },
);

interface Body {
  lines: Sent[];
  form: 'ndjson' | 'array';
  isGzipped: boolean;
  /** gzip in so many members. */
  members: number;
  /** Damage to the bytes as they are sent. */
  damage: { kind: 'none' } | { kind: 'cut' | 'flip' | 'junk'; at: number };
  pieces: number[];
}

const body: fc.Arbitrary<Body> = fc.record({
  lines: fc.array(line, { maxLength: 25 }),
  form: fc.constantFrom('ndjson', 'ndjson', 'array'),
  isGzipped: fc.boolean(),
  members: fc.integer({ min: 1, max: 4 }),
  damage: fc.oneof(
    { weight: 2, arbitrary: fc.constant({ kind: 'none' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('cut', 'flip', 'junk'),
        at: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
  ),
  pieces: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 8 }),
});

function bytesOf({ lines, form, isGzipped, members, damage }: Body): Buffer {
  const texts = lines.map(({ text }) => text);
  const text = Buffer.from(form === 'array' ? `[${texts.join(',')}]` : texts.map((one) => `${one}\n`).join(''));
  let bytes = text;
  if (isGzipped) {
    const size = Math.ceil(text.length / members) || 1;
    const parts = Array.from({ length: members }, (_, index) =>
      gzipSync(text.subarray(index * size, (index + 1) * size)),
    );
    bytes = Buffer.concat(parts);
  }
  if (damage.kind === 'none') return bytes;
  const at = Math.floor(damage.at * bytes.length);
  if (damage.kind === 'cut') return bytes.subarray(0, at);
  if (damage.kind === 'junk')
    return Buffer.concat([bytes.subarray(0, at), Buffer.from('\x00\xff}{\n', 'latin1'), bytes.subarray(at)]);
  const flipped = Buffer.from(bytes);
  if (flipped.length > 0)
    flipped[Math.min(at, flipped.length - 1)] = (flipped[Math.min(at, flipped.length - 1)] ?? 0) ^ 0x41;
  return flipped;
}

async function send(api: ApiClient, run: string, given: Body, headers: Record<string, string>) {
  const types = { ndjson: 'application/x-ndjson', array: 'application/json' };
  const { request, answer } = api.open('POST', `job-runs/${run}/logs`, {
    'content-type': types[given.form],
    ...(given.isGzipped && { 'content-encoding': 'gzip' }),
    ...headers,
  });
  const bytes = bytesOf(given);
  let start = 0;
  for (const size of given.pieces) {
    request.write(bytes.subarray(start, start + size));
    start += size;
  }
  request.end(bytes.subarray(start));
  return answer;
}

async function storedMessages(api: ApiClient, run: string): Promise<unknown[]> {
  return (await api.get(`job-runs/${run}`)).status === 404 ? [] : api.messages(run);
}

test('a body, whole or broken, is stored up to its first bad line, and the answer says how far that is', async ({
  server,
  api,
}) => {
  const bystanders = await Bystanders.start(server);
  await fc.assert(
    fc.asyncProperty(body, async (given) => {
      const [run, source] = [freshId('body'), randomUUID()];
      const answer = await send(api, run, given, { 'stratal-source': source, 'stratal-position': '0' });
      expectCleanAnswer(answer, answer.text);
      expect([200, 400], answer.text).toContain(answer.status);
      const accepted = Number(answer.json('accepted'));
      const stored = await storedMessages(api, run);
      // What is stored is what the answer says, to the line.
      expect([stored.length, answer.json('next')]).toEqual([accepted, accepted]);
      if (answer.status === 400 && answer.json('line') !== undefined) expect(answer.json('line')).toBe(accepted + 1);
      if (given.damage.kind === 'none') {
        const firstBad = given.lines.findIndex(({ message }) => message === undefined);
        const expected = firstBad < 0 ? given.lines : given.lines.slice(0, firstBad);
        const messages = expected.map(({ message }) => message);
        // In an array the element ends before the bracket that is too many.
        if (given.form === 'array' && given.lines[firstBad]?.text === TOO_MANY_BRACKETS) messages.push('x');
        expect(stored).toEqual(messages);
        expect(answer.status).toBe(firstBad < 0 ? 200 : 400);
      } else if (given.damage.kind === 'cut') {
        expect(stored).toEqual(given.lines.slice(0, stored.length).map(({ message }) => message));
      }
      // The source goes on from there, and nowhere else.
      const headers = { 'stratal-source': source };
      const wrong = await api.lines(run, ['wrong'], { ...headers, 'stratal-position': String(accepted + 1) });
      expect([wrong.status, wrong.json('next')]).toEqual([409, accepted]);
      const right = await api.lines(run, ['right'], { ...headers, 'stratal-position': String(accepted) });
      expect([right.status, right.json('accepted'), right.json('next')]).toEqual([200, 1, accepted + 1]);
    }),
    cases(60),
  );
  await bystanders.expectUndisturbed();
});

const odd = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '+1',
    '1e3',
    '0x10',
    '00',
    '1.0',
    '999999999999999',
    '9999999999999999',
    'null',
    '__proto__',
  ),
  fc.string({ unit: fc.constantFrom(...'aZ09-_.~%/?&=;,"\\ é\u00ff'), maxLength: 40 }),
  fc.constant('x'.repeat(300)),
);
const HEADERS = [
  'stratal-source',
  'stratal-position',
  'stratal-job-run',
  'stratal-task-run',
  'stratal-task-name',
  'content-type',
  'content-encoding',
] as const;
const LIKELY: Record<(typeof HEADERS)[number], readonly string[]> = {
  'stratal-source': ['5f0c6b1e-8f3b-4c3a-9a43-0c1d2e3f4a5b', '5F0C6B1E-8F3B-4C3A-9A43-0C1D2E3F4A5B'],
  'stratal-position': ['0', '1', '000'],
  'stratal-job-run': ['headers', 'Headers', '../x', '3F2504E0-4F89-11D3-9A0C-0305E82C3301'],
  'stratal-task-run': ['task-1', '.x', 'a b'],
  'stratal-task-name': ['build', 'Pr\u00c3\u00bcfung', '\u00ff\u00fe'],
  'content-type': [
    'application/json; charset=utf-8',
    'application/x-ndjson;charset="latin1"',
    'text/plain',
    ';;',
    'multipart/form-data',
  ],
  'content-encoding': ['gzip', 'GZIP', 'br', 'gzip, gzip', 'identity', 'zstd'],
};
const headers = fc.uniqueArray(
  fc
    .constantFrom(...HEADERS)
    .chain((name) => fc.tuple(fc.constant(name), fc.oneof(odd, fc.constantFrom(...LIKELY[name])))),
  { selector: ([name]) => name, maxLength: 5 },
);

test('headers of any kind are understood or refused by name, and lines are stored or not as the answer says', async ({
  server,
  api,
}) => {
  const bystanders = await Bystanders.start(server);
  const place = fc.constantFrom('logs', 'job-runs/ID/logs');
  await fc.assert(
    fc.asyncProperty(headers, place, fc.boolean(), async (given, place, isEmpty) => {
      const id = freshId('headers');
      const text = isEmpty ? '' : `{"message":"${id}"}\n`;
      const answer = await api.call('POST', place.replace('ID', id), {
        headers: Object.fromEntries(given),
        body: text,
      });
      expectCleanAnswer(answer, `${JSON.stringify(given)} ${answer.text}`);
      const accepted = answer.json('accepted');
      if (answer.status === 200) expect(Number(accepted) + Number(answer.json('skipped'))).toBe(isEmpty ? 0 : 1);
      else expect(accepted, answer.text).toBe(0);
      const named = answer.status === 200 ? answer.json('job_run_ids') : [];
      const [run = id] = Array.isArray(named) ? named.map(String) : [];
      const found = (await storedMessages(api, run)).filter((message) => message === id);
      expect(found, answer.text).toHaveLength(Number(accepted));
    }),
    cases(80),
  );
  await bystanders.expectUndisturbed();
});

test('a gzip body that inflates without end is stored line by line, and holds nobody up', async ({ server, api }) => {
  const bystanders = await Bystanders.start(server);
  const blank = gzipSync(Buffer.alloc(64 * 1024 * 1024, '\n'));
  const long = gzipSync(Buffer.concat([Buffer.from('{"message":"'), Buffer.alloc(64 * 1024 * 1024, 'x')]));
  const nested = gzipSync(gzipSync('{"message":"inner"}\n'));
  const run = freshId('bomb');
  const whole = gzipSync('{"message":"before"}\n');
  const post = (bytes: Buffer) =>
    api.call('POST', `job-runs/${run}/logs`, {
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/x-ndjson' },
      body: bytes,
    });
  const [blanks, tooLong, twice, junk] = await Promise.all([
    post(Buffer.concat([whole, blank, blank])),
    post(Buffer.concat([whole, long])),
    post(nested),
    post(Buffer.concat([whole, Buffer.from('no gzip behind it')])),
  ]);
  expect([blanks.status, blanks.json('accepted')]).toEqual([200, 1]);
  expect([tooLong.status, tooLong.json('accepted'), tooLong.json('line')]).toEqual([413, 1, 2]);
  expect([twice.status, twice.json('accepted')]).toEqual([400, 0]);
  expectCleanAnswer(junk, junk.text);
  expect(await api.messages(run)).toEqual(Array(2 + Number(junk.json('accepted'))).fill('before'));
  await bystanders.expectUndisturbed();
});
