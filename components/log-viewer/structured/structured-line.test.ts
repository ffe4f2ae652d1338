import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { Field } from './field';
import { hasFields, readStructuredLine } from './structured-line';

function line(message: string, attributes?: LogMessage['attributes']): LogMessage {
  const base: LogMessage = {
    id: 1,
    job_run_id: 'r',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message,
  };
  return attributes ? { ...base, attributes } : base;
}

function outline(fields: readonly Field[] | undefined): unknown {
  return fields?.map(({ name, type, text, members }) =>
    members ? [name, type, outline(members)] : [name, type, text],
  );
}

test('a JSON line is read in its own order, numbers as they were written', () => {
  const read = readStructuredLine(
    line(
      '\x1b[2m12:30\x1b[0m {"z":1, "2":12345678901234567890, "1":1.0, "o":{"a":[true,null,{"b":"x\\u00e9"}]}, "e":{}}',
    ),
  );
  assert.equal(read?.rest, '12:30');
  assert.equal(read?.message?.kind, 'json');
  assert.deepEqual(outline(read?.message?.fields), [
    ['z', 'number', '1'],
    ['2', 'number', '12345678901234567890'],
    ['1', 'number', '1.0'],
    [
      'o',
      'object',
      [
        [
          'a',
          'list',
          [
            ['0', 'boolean', 'true'],
            ['1', 'null', 'null'],
            ['2', 'object', [['b', 'string', 'xé']]],
          ],
        ],
      ],
    ],
    ['e', 'object', []],
  ]);
});

test('logfmt needs two pairs; what stands between them is the message', () => {
  const read = readStructuredLine(line('12:30 listening port=8080 host="::1" tls=false'));
  assert.equal(read?.rest, '12:30 listening');
  assert.deepEqual(outline(read?.message?.fields), [
    ['port', 'number', '8080'],
    ['host', 'string', '::1'],
    ['tls', 'boolean', 'false'],
  ]);
  for (const prose of [
    'one=1',
    'GET https://x.org/?a=1&b=2',
    'a == b && c == d',
    '{}',
    '{not json}',
    '[1,2]',
    '=====',
    '',
  ]) {
    assert.equal(readStructuredLine(line(prose)), undefined, prose);
    assert.equal(hasFields(line(prose)), false, prose);
  }
});

test('attributes are fields of a line whatever its text, and no part of it', () => {
  const read = readStructuredLine(line('plain', { user: 'ada', n: 7, none: null }));
  assert.equal(read?.rest, 'plain');
  assert.deepEqual(outline(read?.attributes), [
    ['user', 'string', 'ada'],
    ['n', 'number', '7'],
    ['none', 'null', 'null'],
  ]);
  assert.equal(read?.attributes[0]?.termName, undefined);
});

test('deep, wide and long lines are read up to a bound', () => {
  const deep = readStructuredLine(line(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`));
  let depth = 0;
  for (let at = deep?.message?.fields[0]; at?.members; at = at.members[0]) depth++;
  assert.equal(depth, 15);
  const wide = readStructuredLine(
    line(JSON.stringify({ first: Array.from({ length: 3000 }, (_, index) => index), last: '}]' })),
  );
  assert.equal(wide?.message?.isCut, true);
  assert.equal(wide?.message?.fields.length, 1);
  const pairs = readStructuredLine(line(Array.from({ length: 3000 }, (_, index) => `k${index}=${index}`).join(' ')));
  assert.equal(pairs?.message?.fields.length, 1000);
  assert.equal(pairs?.message?.isCut, true);
  assert.equal(readStructuredLine(line(JSON.stringify({ a: 'x'.repeat(200_000) }))), undefined);
});

test('a place that a field names holds its text', () => {
  const check = (text: string, fields: readonly Field[]) => {
    for (const field of fields) {
      if (field.start !== undefined) assert.equal(text.slice(field.start, field.start + field.text.length), field.text);
      check(text, field.members ?? []);
    }
  };
  for (const text of ['at {"a":"x","b":[1,"two"],"c":"\\n"}', 'a=1, b="2" (c=3) d="x\\"y"']) {
    check(text, readStructuredLine(line(text))?.message?.fields ?? []);
  }
});

test('whatever the JSON, what is read is what JSON.parse reads', () => {
  const rebuild = ({ type, text, members }: Field): unknown => {
    if (type === 'list') return (members ?? []).map(rebuild);
    if (type === 'object') return Object.fromEntries((members ?? []).map((member) => [member.name, rebuild(member)]));
    return type === 'string' ? text : JSON.parse(text);
  };
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }), { minKeys: 1 }),
      fc.constantFrom(undefined, 1, '\t'),
      (object, space) => {
        const message = JSON.stringify(object, null, space);
        const fields = readStructuredLine(line(message))?.message?.fields ?? [];
        assert.deepEqual(
          rebuild({ name: '', path: '', type: 'object', text: '', members: fields }),
          JSON.parse(message),
        );
      },
    ),
  );
});

test('no text makes reading throw, and both questions have one answer', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '"', '=', 'a', ' ', '\\', ',', ':', '[', ']', '1', '\x1b[1m') }),
      (message) => {
        assert.equal(hasFields(line(message)), readStructuredLine(line(message)) !== undefined);
      },
    ),
    { numRuns: 2000 },
  );
});
