import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import { ContextPicker } from './context-picker';

function makeLine(id: number, isHit: boolean): LogMessage {
  return {
    id,
    job_run_id: 'run',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message: isHit ? 'hit' : 'hay',
  };
}

test('what is picked is what grep -C gives, however the lines are cut into batches', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      (hits, context, size) => {
        const lines = hits.map((isHit, index) => makeLine(index + 1, isHit));
        const picker = new ContextPicker(context, (line) => line.message === 'hit');
        const picked: number[] = [];
        for (let at = 0; at < lines.length; at += size) {
          picked.push(...picker.pick(lines.slice(at, at + size)).map(({ id }) => id));
        }
        const expected = lines
          .map(({ id }) => id)
          .filter((id) => hits.some((isHit, index) => isHit && Math.abs(index + 1 - id) <= context));
        assert.deepEqual(picked, expected);
      },
    ),
  );
});
