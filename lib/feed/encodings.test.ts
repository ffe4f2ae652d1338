import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LineBatch } from '@/lib/store/line-batch';
import { Encodings } from './encodings';
import type { LineFormat } from './line-encoder';

const MIB = 1024 * 1024;
const LINES = 100;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A batch of the store, of about a mebibyte. */
function storedBatch(number: number): LineBatch {
  const none = new Uint8Array(LINES);
  const message = Array.from({ length: LINES }, (_, line) => `${number} ${line} `.padEnd(MIB / LINES, 'x'));
  const facets = [{ task: undefined, stream: 'stdout', level: 'info' } as const];
  const columns = { facets, facet: none, timeUs: none, message, continues: none, attributes: undefined };
  return new LineBatch({ key: 1, id: 'run' }, 1 + number * LINES, columns, MIB);
}

const format: LineFormat<string> = {
  encode: ({ batch, from, to }) => ({
    data: batch.message(from),
    offsets: Array.from({ length: to - from + 1 }, (_, at) => at),
  }),
  slice: (data) => data,
};

/** How many of a hundred batches of the store are still in memory once a reader has passed them all. */
async function heldAfter(read: (encoder: ReturnType<Encodings['encoder']>, batch: LineBatch) => void): Promise<number> {
  const encoder = new Encodings(() => false).encoder(format);
  const passed: WeakRef<LineBatch>[] = [];
  for (let number = 0; number < 100; number++) {
    const batch = storedBatch(number);
    read(encoder, batch);
    passed.push(new WeakRef(batch));
  }
  // A WeakRef holds its target until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const held = passed.filter((batch) => batch.deref() !== undefined).length;
  // The encoder outlives the look.
  encoder.forget(storedBatch(0));
  return held;
}

test('a reader of few lines holds no batch that it has passed', async () => {
  const held = await heldAfter((encoder, batch) => {
    encoder.lines({ batch, from: 3, to: 5, entry: undefined });
    encoder.lines({ batch, from: 7, to: 8, entry: undefined });
  });
  assert.ok(held <= 1, `${held} batches are held`);
});

test('blocks of stored batches are kept up to a bound that counts the batches too', async () => {
  const held = await heldAfter((encoder, batch) => encoder.block(batch, 0, undefined));
  assert.ok(held >= 16 && held <= 33, `${held} batches of 1 MiB are held`);
});
