import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import type { Field } from './field';
import { fieldTerm, withTerm } from './field-term';
import { readStructuredLine } from './structured-line';

function line(message: string): LogMessage {
  return { id: 1, job_run_id: 'r', timestamp: '2026-01-01T00:00:00.000Z', level: 'info', stream: 'stdout', message };
}

function scalarsOf(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (field.members ? scalarsOf(field.members) : [field]));
}

function scalarsIn(message: string): Field[] {
  return scalarsOf(readStructuredLine(line(message))?.message?.fields ?? []);
}

function termsOf(message: string): Array<string | undefined> {
  return scalarsIn(message).map((field) => fieldTerm(field, false));
}

function matches(query: string, message: string): boolean {
  const parsed = parseTextQuery(query, false);
  assert.ok(parsed.ok, `${query}: ${parsed.ok ? '' : parsed.detail}`);
  assert.ok(parsed.query, query);
  return parsed.query.matches(message);
}

/** Each field's terms hold in its own line: the one that filters finds it, the one that excludes does not. */
function assertTermsHold(message: string): number {
  let held = 0;
  for (const field of scalarsIn(message)) {
    const term = fieldTerm(field, false);
    if (term === undefined) continue;
    assert.equal(matches(term, message), true, `${term} in ${message}`);
    assert.equal(matches(`-${term}`, message), false, `-${term} in ${message}`);
    assert.equal(fieldTerm(field, true), `-${term}`.length > 300 ? undefined : `-${term}`);
    held++;
  }
  return held;
}

test('a value is filtered by its name, quoted where the grammar asks for it', () => {
  const message =
    '{"level":"error","user":{"name":"Ada L","id":7},"tags":["a b","c"],"ok":true,"none":null,"q":"say \\"hi\\""}';
  assert.deepEqual(termsOf(message), [
    'level:error',
    'user.name:"Ada L"',
    'user.id:7',
    'tags:"a b"',
    'tags:c',
    'ok:true',
    'none:null',
    'q:"say \\"hi\\""',
  ]);
  assert.equal(assertTermsHold(message), 8);
  assert.deepEqual(termsOf('level=warn msg="slow query" dur=1.50s path=/a/b'), [
    'level:warn',
    'msg:"slow query"',
    'dur:1.50s',
    'path:"/a/b"',
  ]);
});

test('what has no name in the grammar is filtered as it is written', () => {
  assert.deepEqual(
    termsOf('{"my key":"v","":1,"2x":true,"id":12345678901234567890,"a":1,"a":2,"text":"two\\nlines"}'),
    [
      '"\\"my key\\":\\"v\\""',
      '"\\"\\":1"',
      '"\\"2x\\":true"',
      '"\\"id\\":12345678901234567890"',
      '"\\"a\\":1"',
      'a:2',
      '"\\"text\\":\\"two\\\\nlines\\""',
    ],
  );
  assert.deepEqual(termsOf(`{"a":"${'x'.repeat(400)}"}`), [undefined]);
  assert.deepEqual(termsOf('{"a":"*","b":""}'), ['a:"*"', 'b:""']);
});

test('pairs in prose and in lists leave the punctuation of the sentence out', () => {
  const message = 'done (user=bob, status=500) a=1,b=2;c=3';
  assert.deepEqual(
    scalarsIn(message).map((field) => [field.name, field.text]),
    [
      ['user', 'bob'],
      ['status', '500'],
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  );
  assert.equal(assertTermsHold(message), 5);
});

test('whatever the JSON, the terms of its fields match the line', () => {
  const name = fc.oneof(
    fc.constantFrom('a', 'b.c', 'user', 'id', 'A', '__proto__', '@t', 'x y', ''),
    fc.string({ unit: 'grapheme' }),
  );
  const scalar = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('*', 'a:b', '-x', '"', '\\', '/x/', 'İ', '\ud800', 'two\nlines', ' ', 'ſ', 'K'),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(
      fc.dictionary(name, value, { minKeys: 1, maxKeys: 4 }),
      fc.constantFrom('', '12:30:00 INFO ', '\x1b[31m'),
      (object, before) => {
        assertTermsHold(before + JSON.stringify(object));
      },
    ),
    { numRuns: 400 },
  );
});

test('whatever the pairs, the terms of logfmt fields match the line', () => {
  const name = fc.stringMatching(/^[a-z_@$É-ÿ][a-z0-9_.@$/-]{0,6}$/);
  const value = fc.oneof(
    fc.stringMatching(/^[a-z0-9,;:()\]}"\\/*.-]{0,8}$/),
    fc.string({ maxLength: 8 }).map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`),
  );
  const pair = fc.tuple(name, value).map(([key, text]) => `${key}=${text}`);
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pair, fc.lorem({ maxCount: 1 })), { minLength: 2, maxLength: 6 }),
      fc.constantFrom(' ', ', ', ','),
      (parts, between) => {
        assertTermsHold(parts.join(between));
      },
    ),
    { numRuns: 500 },
  );
});

test('a term joins a query once, and its opposite goes', () => {
  assert.equal(withTerm('', 'a:1'), 'a:1');
  assert.equal(withTerm(' failed  "two words" ', 'a:1'), 'failed "two words" a:1');
  assert.equal(withTerm('a:1 x', 'a:1'), 'x a:1');
  assert.equal(withTerm('x -a:1', 'a:1'), 'x a:1');
  assert.equal(withTerm('a:"b c" x', '-a:"b c"'), 'x -a:"b c"');
  assert.equal(withTerm('"not closed', 'a:1'), 'a:1');
});
