import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { LINE_BYTES_MAX, LINE_JSON_BYTES_MAX } from './limits';
import { splitMessage } from './split-message';

/** What the other fields of a LogMessage take at most. */
const OTHER_FIELDS = JSON.stringify({
  id: Number.MAX_SAFE_INTEGER,
  job_run_id: 'x'.repeat(128),
  task_run_id: 'x'.repeat(128),
  timestamp: '2024-01-15T10:30:45.123456Z',
  level: 'error',
  stream: 'stderr',
  message: '',
  task_name: '\u0001'.repeat(256),
  continues: true,
  attributes: { a: 'x'.repeat(8 * 1024 - 8) },
  cursor: `${'x'.repeat(32)}-g${'9'.repeat(15)}.${'9'.repeat(9)}`,
}).length;

function checkParts(text: string): string[] {
  const parts = splitMessage(text);
  assert.equal(parts.join(''), text);
  for (const [index, part] of parts.entries()) {
    assert.ok(Buffer.byteLength(part) <= LINE_BYTES_MAX, 'too many bytes');
    assert.ok(Buffer.byteLength(JSON.stringify(part)) + OTHER_FIELDS <= LINE_JSON_BYTES_MAX, 'too many bytes as JSON');
    assert.ok(part !== '' || text === '', 'an empty part');
    const next = parts[index + 1];
    if (next !== undefined) assert.ok(!/[\ud800-\udbff]$/.test(part) || !/^[\udc00-\udfff]/.test(next), 'a torn pair');
  }
  return parts;
}

it('a message within the bounds stays whole', () => {
  for (const text of [
    '',
    'a',
    'a'.repeat(LINE_BYTES_MAX),
    'é'.repeat(LINE_BYTES_MAX / 2),
    '🚀'.repeat(LINE_BYTES_MAX / 4),
  ]) {
    assert.deepEqual(checkParts(text), [text]);
  }
});

it('a longer one is cut at the bound, in as few parts as can be', () => {
  assert.deepEqual(
    checkParts('a'.repeat(LINE_BYTES_MAX + 1)).map((part) => part.length),
    [LINE_BYTES_MAX, 1],
  );
  assert.equal(checkParts('é'.repeat(LINE_BYTES_MAX)).length, 2);
  assert.deepEqual(
    checkParts(`a${'🚀'.repeat(LINE_BYTES_MAX / 4)}`).map((part) => part.length),
    [LINE_BYTES_MAX / 2 - 1, 2],
  );
  assert.equal(checkParts('\u0001'.repeat(LINE_BYTES_MAX)).length, 4);
  assert.equal(checkParts('"'.repeat(LINE_BYTES_MAX)).length, 2);
});

it('an escape sequence is not torn', () => {
  for (const sequence of ['\x1b[38;2;1;22;255m', '\x1b]8;;https://example.org/x\x1b\\', '\x1b]0;title\x07', '\x1b(B']) {
    for (let before = 1; before < sequence.length; before++) {
      const text = 'a'.repeat(LINE_BYTES_MAX - before) + sequence + 'b'.repeat(10);
      assert.deepEqual(checkParts(text)[1], `${sequence}${'b'.repeat(10)}`, JSON.stringify([sequence, before]));
    }
    const whole = 'a'.repeat(LINE_BYTES_MAX - sequence.length) + sequence;
    assert.deepEqual(checkParts(`${whole}b`), [whole, 'b']);
  }
});

it('what only looks like an escape sequence does not hold the cut back for ever', () => {
  checkParts('\x1b]'.repeat(LINE_BYTES_MAX));
  checkParts(`\x1b[${'1;'.repeat(LINE_BYTES_MAX)}`);
  checkParts('\x1b'.repeat(LINE_BYTES_MAX));
});

it('any text is the same again when its parts are joined, and each part fits', () => {
  const piece = fc.tuple(
    fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
      fc.constantFrom('\ud800', '\udc00', '\x1b[1m', '\u0000', '"'),
    ),
    fc.integer({ min: 1, max: 60_000 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), (pieces) => {
      checkParts(pieces.map(([text, count]) => text.repeat(count)).join(''));
    }),
    { numRuns: 30 },
  );
});
