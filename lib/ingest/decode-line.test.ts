import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ATTRIBUTES_BYTES_MAX, LINE_BYTES_MAX, PARTIAL_BYTES_MAX } from '@/lib/protocol/limits';
import { formatTimestamp, parseTimestamp, TIME_US_MAX } from '@/lib/protocol/timestamp';
import { ATTRIBUTE_DEPTH_MAX } from './decode-attributes';
import { type DecodedLine, decodeLine, type LineDefaults } from './decode-line';
import { cleanText } from './decode-text';
import { parseLineTime } from './decode-time';
import { detectLevel } from './detect-level';
import { ingestLineSchema } from './ingest-line-schema';

const NOW_US = Date.UTC(2024, 0, 15) * 1000;
const RUN: LineDefaults = { jobRunId: 'abc-123' };

function decode(value: unknown, defaults: LineDefaults = RUN): DecodedLine {
  const decoded = decodeLine(value, 7, defaults, NOW_US);
  assert.ok(decoded.ok, decoded.ok ? '' : `${decoded.field}: ${decoded.detail}`);
  return decoded.line;
}

function refuse(value: unknown, defaults: LineDefaults = RUN): string | undefined {
  const decoded = decodeLine(value, 7, defaults, NOW_US);
  assert.ok(!decoded.ok, 'accepted');
  assert.notEqual(decoded.detail, '');
  return decoded.field;
}

function attributesOf(value: unknown): unknown {
  return JSON.parse(decode(value).attributes ?? 'null');
}

describe('a line', () => {
  it('needs a message alone, and gets the rest', () => {
    assert.deepEqual(decode({ message: 'hello' }), {
      number: 7,
      jobRunId: 'abc-123',
      taskRunId: undefined,
      taskName: undefined,
      timeUs: NOW_US,
      level: 'info',
      stream: 'stdout',
      parts: ['hello'],
      attributes: undefined,
      continues: false,
      replaced: 0,
      byteCount: 5,
      partial: false,
    });
    assert.deepEqual(decode({ message: '' }).parts, ['']);
    assert.deepEqual(decode({ msg: 'hi' }).parts, ['hi']);
    assert.equal(decode({ message: 'é🚀' }).byteCount, 6);
  });

  it('names its level by word, by number, or in its text', () => {
    const cases: Array<[line: object, level: string]> = [
      [{ level: 'ERROR' }, 'error'],
      [{ level: 'Warning' }, 'warn'],
      [{ level: 'trace' }, 'debug'],
      [{ level: 'notice' }, 'info'],
      [{ level: 20 }, 'debug'],
      [{ level: 60 }, 'error'],
      [{ level: null }, 'info'],
      [{ message: '2024-01-15 10:30:45 ERROR it broke' }, 'error'],
      [{ message: '2024-01-15 10:30:45 ERROR it broke', level: 'info' }, 'info'],
    ];
    for (const [line, level] of cases)
      assert.equal(decode({ message: 'x', ...line }).level, level, JSON.stringify(line));
  });

  it('has its time as RFC 3339 or epoch milliseconds, in timestamp or time', () => {
    const us = Date.UTC(2024, 0, 15, 10, 30, 45, 123) * 1000;
    assert.equal(decode({ message: '', timestamp: '2024-01-15T10:30:45.123Z' }).timeUs, us);
    assert.equal(decode({ message: '', time: '2024-01-15T12:30:45.123456+02:00' }).timeUs, us + 456);
    assert.equal(decode({ message: '', time: us / 1000 }).timeUs, us);
    assert.equal(decode({ message: '', time: us / 1000 + 0.25 }).timeUs, us + 250);
    assert.equal(decode({ message: '', timestamp: 0 }).timeUs, 0);
    assert.equal(decode({ message: '', timestamp: null }).timeUs, NOW_US);
    const both = decode({ message: '', timestamp: us / 1000, time: 'noon' });
    assert.deepEqual([both.timeUs, both.attributes], [us, '{"time":"noon"}']);
  });

  it('of pino, bunyan and winston is understood, the rest of it becomes attributes', () => {
    const pino = decode({
      level: 30,
      time: 1795433516498,
      pid: 17,
      hostname: 'h',
      msg: 'line 0',
      req: { id: 1, url: '/' },
    });
    assert.deepEqual([pino.level, pino.timeUs, pino.parts], ['info', 1795433516498000, ['line 0']]);
    assert.equal(pino.attributes, '{"pid":17,"hostname":"h","req.id":1,"req.url":"/"}');
    const bunyan = decode({ name: 'app', level: 50, msg: 'x', time: '2023-03-24T14:26:16.243Z', v: 0 });
    assert.deepEqual([bunyan.level, bunyan.attributes], ['error', '{"name":"app","v":0}']);
    const winston = decode({ i: 1, level: 'silly', message: 'winston line 1 🚀' });
    assert.deepEqual([winston.level, winston.attributes], ['debug', '{"i":1}']);
  });

  it('is split where it is too long, with its attributes once', () => {
    const line = decode({ message: 'é'.repeat(LINE_BYTES_MAX), continues: true, a: 1 });
    assert.equal(line.parts.length, 2);
    assert.equal(line.byteCount, 2 * LINE_BYTES_MAX);
    assert.equal(line.continues, true);
  });

  it('that is partial keeps its newest part', () => {
    const line = decode({ message: `${'a'.repeat(9000)}${'é'.repeat(2048)}`, partial: true });
    assert.deepEqual(line.parts, ['é'.repeat(2048)]);
    const odd = decode({ message: `${'🚀'.repeat(3000)}x`, partial: true }).parts[0] ?? '';
    assert.ok(
      Buffer.byteLength(odd) <= PARTIAL_BYTES_MAX && Buffer.byteLength(odd) > PARTIAL_BYTES_MAX - 4,
      'wrong size',
    );
    assert.match(odd, /^(?:🚀)+x$/u);
    assert.deepEqual(decode({ message: 'short', partial: true }).parts, ['short']);
  });

  it('loses what cannot be stored, and says how much', () => {
    const line = decode({ message: 'a\0b\ud800c\udc00\ud83d\ude80', task_name: 't\0', k: ['\0\0'] });
    assert.deepEqual(line.parts, ['ab\ufffdc\ufffd🚀']);
    assert.equal(line.taskName, 't');
    assert.equal(line.attributes, '{"k.0":""}');
    assert.equal(line.replaced, 6);
  });
});

describe('run and task', () => {
  it('come from the line, else from the defaults', () => {
    assert.equal(decode({ message: '', job_run_id: 'r1' }, {}).jobRunId, 'r1');
    assert.equal(decode({ message: '', job_run_id: 'abc-123' }).jobRunId, 'abc-123');
    const upper = '3F2504E0-4F89-11D3-9A0C-0305E82C3301';
    assert.equal(
      decode({ message: '', job_run_id: upper }, { jobRunId: upper.toLowerCase() }).jobRunId,
      upper.toLowerCase(),
    );
    assert.equal(refuse({ message: '', job_run_id: 'other' }), 'job_run_id');
    assert.equal(refuse({ message: '' }, {}), 'job_run_id');
    assert.equal(refuse({ message: '', job_run_id: null }, {}), 'job_run_id');
  });

  it('default to a task as a whole: a name is not given to another task', () => {
    const defaults = { ...RUN, taskRunId: 't1', taskName: 'build' };
    const cases: Array<[line: object, id: string | undefined, name: string | undefined]> = [
      [{}, 't1', 'build'],
      [{ task_run_id: 't1' }, 't1', 'build'],
      [{ task_run_id: 't2' }, 't2', undefined],
      [{ task_name: 'build' }, 't1', 'build'],
      [{ task_name: 'test' }, undefined, 'test'],
      [{ task_run_id: 't2', task_name: 'test' }, 't2', 'test'],
    ];
    for (const [line, id, name] of cases) {
      const { taskRunId, taskName } = decode({ message: '', ...line }, defaults);
      assert.deepEqual([taskRunId, taskName], [id, name], JSON.stringify(line));
    }
  });
});

describe('attributes', () => {
  it('are flattened with dots, the given ones before unknown fields', () => {
    assert.deepEqual(
      attributesOf({ message: '', a: { b: [1, { c: null }] }, attributes: { x: true, a: { b: { 0: 'first' } } } }),
      {
        x: true,
        'a.b.0': 'first',
        'a.b.1.c': null,
      },
    );
    assert.deepEqual(attributesOf({ message: '', e: {}, l: [], msg: 'also' }), { msg: 'also', e: '{}', l: '[]' });
    assert.equal(attributesOf({ message: '', attributes: {} }), null);
  });

  it('pollute nothing, whatever their names', () => {
    const line = JSON.parse('{"message":"","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}');
    assert.equal(decode(line).attributes, '{"__proto__.polluted":1,"constructor.prototype.polluted":2}');
    assert.equal('polluted' in {}, false);
    const inherited = JSON.parse('{"__proto__":{"message":"x"}}');
    assert.equal(refuse(inherited), 'message');
  });

  it('are bounded in size and depth', () => {
    const wrap = `{"a":""}`.length;
    assert.equal(
      decode({ message: '', a: 'x'.repeat(ATTRIBUTES_BYTES_MAX - wrap) }).attributes?.length,
      ATTRIBUTES_BYTES_MAX,
    );
    assert.equal(refuse({ message: '', a: 'x'.repeat(ATTRIBUTES_BYTES_MAX - wrap + 1) }), 'attributes');
    assert.equal(refuse({ message: '', a: 'é'.repeat(ATTRIBUTES_BYTES_MAX / 2) }), 'attributes');
    const nested = (depth: number) => JSON.parse(`{"message":"","a":${'['.repeat(depth)}1${']'.repeat(depth)}}`);
    assert.equal(decode(nested(ATTRIBUTE_DEPTH_MAX)).attributes?.length, 1 + 3 + 2 * ATTRIBUTE_DEPTH_MAX + 3);
    assert.equal(refuse(nested(ATTRIBUTE_DEPTH_MAX + 1)), 'attributes');
    assert.equal(refuse(nested(100_000)), 'attributes');
  });

  it('of a list of millions are refused at the first that are too many', () => {
    let reads = 0;
    const list = new Proxy(Array<number>(1_000_000).fill(1), {
      get: (target, name) => {
        reads += 1;
        return Reflect.get(target, name);
      },
    });
    assert.equal(refuse({ message: '', a: list }), 'attributes');
    assert.ok(reads < 10_000, `${reads} reads`);
  });
});

it('a bad field is named', () => {
  const cases: Array<[line: unknown, field: string | undefined]> = [
    [null, undefined],
    ['text', undefined],
    [[{ message: 'x' }], undefined],
    [{}, 'message'],
    [{ message: null }, 'message'],
    [{ message: 5 }, 'message'],
    [{ msg: {} }, 'msg'],
    [{ message: 5, msg: 'x' }, 'message'],
    [{ message: '', level: 'loud' }, 'level'],
    [{ message: '', level: 35 }, 'level'],
    [{ message: '', level: {} }, 'level'],
    [{ message: '', timestamp: 'noon' }, 'timestamp'],
    [{ message: '', timestamp: -1 }, 'timestamp'],
    [{ message: '', time: '2024-02-30T00:00:00Z' }, 'time'],
    [{ message: '', time: 1e300 }, 'time'],
    [{ message: '', time: true }, 'time'],
    [{ message: '', stream: 'stdin' }, 'stream'],
    [{ message: '', job_run_id: 'a b' }, 'job_run_id'],
    [{ message: '', job_run_id: 5 }, 'job_run_id'],
    [{ message: '', task_run_id: '' }, 'task_run_id'],
    [{ message: '', task_name: '' }, 'task_name'],
    [{ message: '', task_name: '\0' }, 'task_name'],
    [{ message: '', task_name: 'x'.repeat(257) }, 'task_name'],
    [{ message: '', continues: 'yes' }, 'continues'],
    [{ message: '', partial: 1 }, 'partial'],
    [{ message: '', attributes: [] }, 'attributes'],
    [{ message: '', attributes: 'x' }, 'attributes'],
  ];
  for (const [line, field] of cases) assert.equal(refuse(line), field, JSON.stringify(line));
});

/** Attributes in the plainest way. */
function flatten(
  members: Iterable<[string, unknown]>,
  prefix: string,
  depth: number,
  into: Map<string, unknown>,
): boolean {
  for (const [key, value] of members) {
    const name = prefix + key;
    if (typeof value === 'object' && value !== null) {
      if (depth === ATTRIBUTE_DEPTH_MAX) return false;
      const inner = Object.entries(value);
      const clean = cleanText(name).text;
      if (inner.length === 0 && !into.has(clean)) into.set(clean, Array.isArray(value) ? '[]' : '{}');
      if (!flatten(inner, `${name}.`, depth + 1, into)) return false;
    } else {
      const clean = cleanText(name).text;
      if (!into.has(clean)) into.set(clean, typeof value === 'string' ? cleanText(value).text : value);
    }
  }
  return true;
}

/** What the schema says of a line, or undefined where it refuses it. */
function oracle(value: unknown): unknown {
  const parsed = ingestLineSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const {
    message,
    level,
    timestamp,
    stream,
    job_run_id,
    task_run_id,
    task_name,
    continues,
    partial,
    attributes,
    ...others
  } = parsed.data;
  if (job_run_id !== undefined && job_run_id !== RUN.jobRunId) return undefined;
  const flat = new Map<string, unknown>();
  if (!flatten([...Object.entries(attributes ?? {}), ...Object.entries(others)], '', 0, flat)) return undefined;
  const json = JSON.stringify(Object.fromEntries(flat));
  if (Buffer.byteLength(json) > ATTRIBUTES_BYTES_MAX) return undefined;
  const text = cleanText(message).text;
  return {
    message: text,
    level: level ?? detectLevel(text, stream),
    timeUs: timestamp ?? NOW_US,
    stream,
    taskRunId: task_run_id,
    taskName: task_name,
    continues,
    partial,
    attributes: flat.size === 0 ? undefined : JSON.parse(json),
  };
}

describe('the decoder', () => {
  /** Mostly values of the first kind, so that about half of the lines are good. */
  const mostly = <T, U>(good: fc.Arbitrary<T>, odd: fc.Arbitrary<U>) =>
    fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: odd });
  const time = mostly(
    fc.oneof(
      fc.integer({ min: 0, max: TIME_US_MAX }).map(formatTimestamp),
      fc.double({ min: 0, max: TIME_US_MAX / 1000, noNaN: true }),
      fc.constantFrom(null, '2024-01-15T10:30:45,5+02:00'),
    ),
    fc.constantFrom('noon', '2024-01-15', true, -1, TIME_US_MAX),
  );
  const attribute = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
  const text = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('ERROR x', 'a\0', '\ud800', null));
  const line = fc.record(
    {
      message: mostly(text, fc.constantFrom(5, {}, [])),
      msg: mostly(text, fc.constantFrom('', 5)),
      level: mostly(fc.constantFrom('info', 'ERROR', 'fatal', 30, null), fc.constantFrom('loud', 35, '', {})),
      timestamp: time,
      time,
      stream: mostly(fc.constantFrom('stdout', 'stderr', 'system', null), fc.constantFrom('STDOUT', 1)),
      job_run_id: mostly(fc.constantFrom('abc-123', null), fc.constantFrom('other', 'a b', 5)),
      task_run_id: mostly(
        fc.constantFrom('t1', '3F2504E0-4F89-11D3-9A0C-0305E82C3301', null),
        fc.constantFrom('', 'a b', {}),
      ),
      task_name: mostly(text, fc.constantFrom('', '\0', 5, 'x'.repeat(257))),
      continues: mostly(fc.constantFrom(true, false, null), fc.constantFrom('true', 0)),
      partial: mostly(fc.constantFrom(true, false, null), fc.constantFrom('true', 1)),
      attributes: mostly(fc.dictionary(fc.string(), attribute), attribute),
      a: attribute,
      'a.b': attribute,
      big: fc.integer({ min: 0, max: 9000 }).map((length) => 'x'.repeat(length)),
    },
    { requiredKeys: [] },
  );

  it('accepts what the schema accepts and makes the same of it', () => {
    let accepted = 0;
    fc.assert(
      fc.property(line, (value) => {
        const decoded = decodeLine(value, 1, RUN, NOW_US);
        const expected = oracle(value);
        assert.equal(
          decoded.ok,
          expected !== undefined,
          decoded.ok ? 'accepted' : `${decoded.field}: ${decoded.detail}`,
        );
        if (!decoded.ok) return;
        accepted++;
        const { parts, level, timeUs, stream, taskRunId, taskName, continues, partial, attributes } = decoded.line;
        assert.deepEqual(
          {
            message: parts.join(''),
            level,
            timeUs,
            stream,
            taskRunId,
            taskName,
            continues,
            partial,
            attributes: attributes === undefined ? undefined : JSON.parse(attributes),
          },
          expected,
        );
      }),
      { numRuns: 1000, examples: [[JSON.parse('{"msg":"","attributes":{"__proto__":[]}}')]] },
    );
    assert.ok(accepted > 100, `only ${accepted} lines were accepted`);
  });

  it('never throws, whatever JSON a line is', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void decodeLine(value, 1, {}, NOW_US)));
  });

  it('reads times as the protocol does', () => {
    const near = fc.integer({ min: 0, max: 3_000_000 }).map((us) => formatTimestamp(NOW_US + us));
    const odd = fc.constantFrom(
      '2024-01-15T00:00:60.123Z',
      '2024-01-15T00:00:01,123Z',
      '2024-01-15T00:00:01.12xZ',
      '2024-01-15T00:00:01+00:0Z',
      '2024-13-15T00:00:01.123Z',
      '2100-01-01T00:00:00.000Z',
      '2100-01-01T00:00:00.001Z',
      '2024-01-15T00:00:01.123456789Z',
      '                    123Z',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(near, odd), { maxLength: 8 }), (texts) => {
        for (const text of texts) {
          const us = parseLineTime(text);
          assert.equal(us !== undefined && us > TIME_US_MAX ? undefined : us, parseTimestamp(text), text);
        }
      }),
    );
  });
});
