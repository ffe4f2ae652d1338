import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LineEncoder } from '@/lib/feed/line-encoder';
import { LineMatcher } from '@/lib/feed/line-matcher';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import { toColumns } from '@/lib/store/append-encode';
import { LineBatch } from '@/lib/store/line-batch';
import { COSTLY_QUERY, costlyLine, watchedQuery } from '@/lib/store/testing/costly-lines';
import { makeLine } from '@/lib/store/testing/make-lines';
import type { LogReader } from './log-reader';
import { Session } from './session';
import type { StreamSink } from './stream-sink';

const LINES = 300;
const MATCHES = [100, 200, 300];
const costly = (line: number) => costlyLine(line, MATCHES.includes(line));

/** Lines that are in memory, from the first one on. */
function readerOf(batch: LineBatch) {
  let line = 0;
  const reader: LogReader = {
    get cursor() {
      return String(line);
    },
    lastLine: batch.count,
    next: () =>
      line < batch.count ? { kind: 'lines', batch, from: line, to: batch.count, entry: undefined } : { kind: 'idle' },
    read: () => Promise.reject(new Error('nothing is to be read')),
    passLines: (count) => {
      line += count;
    },
    pass: () => {},
    newPartials: () => [],
    close: () => {},
  };
  return reader;
}

/** A stream of those lines under a text, its sink, and how many lines were matched. */
function openStream(q: string, message: (line: number) => string, lowWaterBytes = Number.POSITIVE_INFINITY) {
  const lines = Array.from({ length: LINES }, (_, index) => makeLine(message(index + 1)));
  const batch = new LineBatch({ key: 1, id: 'run' }, 1, toColumns(lines), 0);
  const seen = { ids: [] as number[], looked: 0, cursor: '', unsent: 0 };
  const text = watchedQuery(q, () => {
    seen.looked += 1;
  });
  const sink: StreamSink<string> = {
    get unsentBytes() {
      return seen.unsent;
    },
    lowWaterBytes,
    wants: { control: true, partial: false },
    writeLines: (chunks, cursor) => {
      const written = chunks.join('');
      for (const [, id] of written.matchAll(/(\d+)\n/g)) seen.ids.push(Number(id));
      seen.cursor = cursor;
      if (Number.isFinite(lowWaterBytes)) seen.unsent += written.length;
    },
    writeControl: () => {},
    end: () => {},
  };
  const format = {
    encode: ({ batch: encoded, from, to }: { batch: LineBatch; from: number; to: number }) => {
      const offsets = [0];
      let data = '';
      for (let index = from; index < to; index++) {
        data += `${'.'.repeat(600)}${encoded.firstLine + index}\n`;
        offsets.push(data.length);
      }
      return { data, offsets };
    },
    slice: (data: string, from: number, to: number) => data.slice(from, to),
  };
  const session = new Session<string>({
    reader: readerOf(batch),
    sink,
    encoder: new LineEncoder<string>(format, () => {}),
    matcher: new LineMatcher({ text }),
    clock: new ManualClock(),
    maxAgeMs: 0,
    onClose: () => {},
  });
  return { session, seen };
}

const connected = { cursor: '0' };

test('a stream under a costly expression gives others their turn, and goes on where it was until all is looked at', async () => {
  const { session, seen } = openStream(COSTLY_QUERY, costly);
  session.start(connected);
  let turns = 0;
  while (seen.looked < LINES) {
    assert.equal(session.state, 'waiting');
    await turn();
    turns += 1;
  }
  assert.ok(turns >= 3, `others had ${turns} turns`);
  assert.deepEqual([seen.ids, seen.looked], [MATCHES, LINES]);
  session.stop();
});

test('streams that wait for a costly expression take turns', async () => {
  const streams = [1, 2, 3].map(() => openStream(COSTLY_QUERY, costly));
  for (const { session } of streams) session.start(connected);
  const [, second, third] = streams;
  // The first one has had the time of this turn of the event loop.
  assert.deepEqual([second?.seen.looked, third?.seen.looked], [0, 0]);
  while (third?.seen.looked === 0) await turn();
  const looked = streams.map(({ seen }) => seen.looked);
  assert.ok(
    looked.every((lines) => lines > 0 && lines < LINES),
    looked.join(),
  );
  for (const { session } of streams) session.stop();
});

test('lines that match and do not fit are not matched again when they do', async () => {
  const { session, seen } = openStream('line', (line) => `line ${line}`, 1);
  session.start(connected);
  while (seen.ids.length < LINES) {
    seen.unsent = 0;
    session.drained();
    await turn();
  }
  assert.deepEqual(
    seen.ids,
    Array.from({ length: LINES }, (_, index) => index + 1),
  );
  assert.equal(seen.looked, LINES);
  session.stop();
});
