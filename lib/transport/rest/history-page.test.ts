import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toColumns } from '@/lib/store/append-encode';
import { LineBatch, type LineInput } from '@/lib/store/line-batch';
import { toHistory, toHistoryJson } from './history-page';

const task = { key: 3, id: 'tä"sk', name: 'bu\\ild', attempt: 2 };
const line: fc.Arbitrary<LineInput> = fc.record(
  {
    timeUs: fc.integer({ min: 0, max: 4_000_000_000_000_000 }),
    level: fc.constantFrom('info', 'error'),
    stream: fc.constantFrom('stdout', 'stderr'),
    message: fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constant('x'.repeat(9000))),
    task: fc.constantFrom(undefined, task),
    continues: fc.boolean(),
    attributes: fc.constantFrom(undefined, '{"a":1,"ö":"\\u0000"}'),
  },
  { noNullPrototype: true },
);
const pagination = { total: null, limit: 100, offset: 4, count: 2, next: 'e.1.9', ended: true, looked_after: 3 };

test('the bytes of a page say the same as its objects', () => {
  fc.assert(
    fc.property(fc.array(fc.array(line, { minLength: 1, maxLength: 12 }), { maxLength: 4 }), (parts) => {
      const lines = parts.flatMap((part, number) => {
        const batch = new LineBatch({ key: 1, id: 'rün' }, 1 + 100 * number, toColumns(part), 0);
        return part.map((_, index) => ({ batch, index }));
      });
      const page = { lines, pagination };
      const text = new TextDecoder('utf-8', { fatal: true }).decode(toHistoryJson(page));
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(toHistory(page))));
    }),
  );
});
