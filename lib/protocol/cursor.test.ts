import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { formatGlobalCursor, formatRunCursor, parseCursor, parseLineNumber } from './cursor';

const epoch = fc.stringMatching(/^[a-z0-9]{1,32}$/);
const number = fc.integer({ min: 0, max: 999_999_999_999_999 });
const small = fc.integer({ min: 0, max: 999_999_999 });

it('a run cursor is read as it was written', () => {
  fc.assert(
    fc.property(epoch, number, number, fc.option(small, { nil: undefined }), (epoch, runKey, line, ends) => {
      const expected = { kind: 'run' as const, epoch, runKey, line };
      assert.deepEqual(
        parseCursor(formatRunCursor(epoch, runKey, line, ends)),
        ends === undefined ? expected : { ...expected, ends },
      );
    }),
  );
});

it('a global cursor is read as it was written', () => {
  fc.assert(
    fc.property(epoch, number, small, (epoch, position, index) => {
      assert.deepEqual(parseCursor(formatGlobalCursor(epoch, position, index)), {
        kind: 'global',
        epoch,
        position,
        index,
      });
    }),
  );
});

it('what is no cursor is refused, not guessed', () => {
  for (const text of [
    '',
    '42',
    'abc',
    'abc-r1',
    'abc-r1.',
    'abc-r1.2.3.4',
    'ABC-r1.2',
    'a-r-1.2',
    'a-g1',
    'a-g1.2.3',
    ' a-r1.2',
    'a-r1.2\n',
    'a-r1e3.2',
    'a-r1234567890123456.2',
  ]) {
    assert.equal(parseCursor(text), undefined, JSON.stringify(text));
  }
  fc.assert(fc.property(fc.string(), (text) => void parseCursor(text)));
});

it('a bare line number is digits alone', () => {
  assert.equal(parseLineNumber('0'), 0);
  assert.equal(parseLineNumber('42'), 42);
  for (const text of ['', '-1', '1.5', '0x1', '1e3', ' 1', '1234567890123456'])
    assert.equal(parseLineNumber(text), undefined, text);
});
