import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toColumns } from '@/lib/store/append-encode';
import { encodeChunk } from '@/lib/store/chunk-codec';
import { decodeChunk } from '@/lib/store/chunk-decode';
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
const part = fc.array(line, { minLength: 1, maxLength: 12 });
const pagination = { total: null, limit: 100, offset: 4, count: 2, next: 'e.1.9', ended: true, looked_after: 3 };

test('the bytes of a page say the same as its objects, of lines that have just come and of stored ones', async () => {
  const tasks = new Map([[task.key, task]]);
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 4 }), fc.nat(3), async (parts, cut) => {
      const batches = parts.map(async (ofPart, number) => {
        const columns = toColumns(ofPart);
        const stored = await decodeChunk(encodeChunk(columns, 0, ofPart.length), tasks);
        const batch = new LineBatch({ key: 1, id: 'rün' }, 1 + 100 * number, number % 2 === 0 ? stored : columns, 0);
        return batch.slice(cut, ofPart.length);
      });
      const lines = (await Promise.all(batches)).flatMap((batch) =>
        Array.from({ length: batch.count }, (_, index) => ({ batch, index })),
      );
      const page = { lines, pagination };
      const text = new TextDecoder('utf-8', { fatal: true }).decode(toHistoryJson(page));
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(toHistory(page))));
    }),
  );
});
