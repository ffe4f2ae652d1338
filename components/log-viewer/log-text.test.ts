import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { INITIAL_STATE, renderLine } from '@/lib/terminal/render-line';
import { formatLineHash, selectLine } from './line-hash';
import { markSpans } from './marked-spans';
import { TerminalStates } from './terminal-states';
import { lookOf } from './text-style';

function line(id: number, message: string, stream: LogMessage['stream'] = 'stdout'): LogMessage {
  return { id, job_run_id: 'r', timestamp: '2026-01-01T00:00:00.000Z', level: 'info', stream, message };
}

test('a selection of lines is written as a permalink, and extended in either direction', () => {
  assert.equal(formatLineHash({ first: 3, last: 7 }), '#L3-L7');
  assert.deepEqual(selectLine({ first: 5, last: 5 }, 2, true), { first: 2, last: 5 });
  assert.deepEqual(selectLine({ first: 5, last: 9 }, 2, false), { first: 2, last: 2 });
});

test('a colour that a program left on reaches its next line, and not those of the other stream', () => {
  const states = new TerminalStates();
  const lines = [line(1, '\x1b[31mred'), line(2, 'plain', 'stderr'), line(3, 'still red\x1b[0m'), line(4, 'plain')];
  states.follow(lines);
  const styles = lines.map((each) => renderLine(each.message, states.startOf(each)).spans[0]?.style.fg !== undefined);
  assert.deepEqual(styles, [true, false, true, false]);
});

test('a colour is not carried over lines that a filter left out, which may have ended it', () => {
  const states = new TerminalStates();
  const lines = [line(1, '\x1b[31mred'), line(2, 'red'), line(5, 'plain'), line(6, 'plain')];
  states.follow(lines, true);
  assert.deepEqual(
    lines.map((each) => states.startOf(each).style.fg !== undefined),
    [false, true, false, false],
  );
});

test('lines that arrive above change what follows them', () => {
  const states = new TerminalStates();
  const below = line(2, 'below');
  states.follow([below]);
  assert.equal(states.startOf(below), INITIAL_STATE);
  states.follow([line(1, '\x1b[1mbold'), below]);
  assert.equal(states.startOf(below).style.bold, true);
});

test('marked pieces add up to the text whatever the spans are', () => {
  const { spans } = renderLine('one \x1b[31mtwo\x1b[0m three');
  const pieces = markSpans(spans, [[2, 9]]);
  assert.equal(pieces.map((piece) => piece.text).join(''), 'one two three');
  assert.equal(
    pieces
      .filter((piece) => piece.isMatch)
      .map((piece) => piece.text)
      .join(''),
    'e two t',
  );
  assert.equal(new Set(pieces.map((piece) => piece.key)).size, pieces.length);
});

test('text on a ground of its own is readable even where the program chose badly', () => {
  const index = (n: number) => ({ kind: 'index', n }) as const;
  assert.equal(lookOf({ fg: index(0), bg: index(0) }).style?.color, 'rgb(255 255 255)');
  assert.equal(lookOf({ fg: index(15), bg: index(1) }).style?.color, 'rgb(255 255 255)');
  assert.equal(lookOf({ fg: { kind: 'rgb', r: 0, g: 255, b: 0 } }).style?.color, undefined);
});
