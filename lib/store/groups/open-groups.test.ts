import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMarks } from '@/lib/store/group-marks';
import { OpenGroups } from './open-groups';

const LINES = 400;

/** The work that 400 lines like this one are. */
function workOf(text: string): number {
  const marks = findMarks(new Array<string>(LINES).fill(text), new Uint8Array(LINES));
  assert.ok(marks);
  const open = new OpenGroups(1000, 1000);
  open.add({ firstLine: 1, facets: [], marks });
  return open.work;
}

test('a usual marker is about one piece of work', () => {
  assert.ok(workOf('--- step') < 1.1 * LINES);
  assert.ok(workOf('section_start:1560896352:prepare_executor\r\x1b[0KPrepare') < 1.5 * LINES);
});

test('names are work by their bytes, and sections by their number', () => {
  const ends = (name: string, count: number) => `section_end:1:${name}\r`.repeat(count);
  const long = workOf(`${ends('n'.repeat(256), 40)}section_start:1:${'n'.repeat(256)}\r`);
  assert.ok(long > 30 * LINES, `${long}`);
  assert.ok(workOf(ends('n', 5)) >= 5 * LINES);
});

test('a line is stored with few names, however many it has', () => {
  const marks = findMarks([`section_end:1:${'n'.repeat(256)}\r`.repeat(500)], [0]);
  assert.ok(marks && marks.length < 9 * 260);
});
