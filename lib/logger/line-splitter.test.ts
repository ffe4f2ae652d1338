import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter, type SplitLine, splitText } from './line-splitter';

function splitAll(chunks: Buffer[], lineBytesMax?: number): SplitLine[] {
  const splitter = new LineSplitter(lineBytesMax);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()].map((line) => ({
    ...line,
    text: Buffer.from(line.text),
  }));
}

function join(lines: SplitLine[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => (line.continues ? [line.text] : [line.text, Buffer.from('\n')])));
}

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
const output = fc
  .array(
    fc.oneof(
      bytes,
      fc.constant(Buffer.from('\n')),
      fc.constant(Buffer.from('\r\n')),
      fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
    ),
  )
  .map((parts) => Buffer.concat(parts));

function cut(whole: Buffer, at: number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => whole.subarray(from, places[index] ?? whole.length));
}

test('gives back every byte and the same lines, however the output is cut into chunks', () => {
  fc.assert(
    fc.property(output, fc.array(fc.nat()), (whole, places) => {
      const lines = splitAll(cut(whole, places));
      assert.deepEqual(join(lines), whole);
      assert.deepEqual(lines, splitAll([whole]));
    }),
  );
});

test('keeps the carriage return before a line feed, and empty lines', () => {
  const lines = splitAll([Buffer.from('a\r\n\nb\n')]);
  assert.deepEqual(
    lines.map((line) => line.text.toString()),
    ['a\r', '', 'b'],
  );
  assert.ok(lines.every((line) => !line.continues));
});

test('flags the last line that the program did not end', () => {
  assert.deepEqual(
    splitAll([Buffer.from('a\nb')]).map((line) => line.continues),
    [false, true],
  );
  assert.deepEqual(
    splitAll([Buffer.from('a\n')]).map((line) => line.continues),
    [false],
  );
});

test('splits a line over the bound between characters, and loses none of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 20, maxLength: 200 }), fc.array(fc.nat()), (text, places) => {
      const whole = Buffer.from(`${text.replaceAll(/[\r\n]/g, '-')}\n`);
      const lines = splitAll(cut(whole, places), 16);
      assert.deepEqual(join(lines), whole);
      for (const line of lines) {
        assert.ok(line.text.length <= 16);
        assert.ok(isUtf8(line.text));
      }
    }),
  );
});

test('drops what carriage returns overwrote from a line over the bound, and counts it', () => {
  const splitter = new LineSplitter(100);
  const frames = Array.from({ length: 50 }, (_, index) => `${String(index).padStart(3)} %\r`);
  const lines = frames.flatMap((frame) => splitter.push(Buffer.from(frame)));
  lines.push(...splitter.push(Buffer.from('done\n')));
  assert.equal(lines.length, 1);
  const [line] = lines;
  assert.ok(line?.text.toString().endsWith('done'));
  assert.equal((line?.droppedBytes ?? 0) + (line?.text.length ?? 0), frames.join('').length + 4);
  assert.ok((line?.text.length ?? 0) <= 100);
});

test('leaves carriage returns alone in a line within the bound', () => {
  const [line] = splitAll([Buffer.from('10 %\r20 %\r30 %\n')]);
  assert.equal(line?.text.toString(), '10 %\r20 %\r30 %');
  assert.equal(line?.droppedBytes, 0);
});

test('shows the newest part of an unfinished line, beginning at a character', () => {
  const splitter = new LineSplitter();
  splitter.push(Buffer.from('done\npasswörter: '));
  assert.equal(splitter.unfinished(100).toString(), 'passwörter: ');
  assert.equal(splitter.unfinished(7).toString(), 'rter: ');
  splitter.push(Buffer.from(`${'x'.repeat(50)}\ryes`));
  assert.equal(splitter.unfinished(8).toString(), 'yes');
});

test('splits a text into pieces within a bound', () => {
  assert.deepEqual(splitText(Buffer.from('aäöb'), 2).map(String), ['a', 'ä', 'ö', 'b']);
  assert.deepEqual(splitText(Buffer.from(''), 2).map(String), ['']);
});
