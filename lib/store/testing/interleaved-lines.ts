import fc from 'fast-check';
import type { Level, Stream } from '@/lib/protocol/log-message';
import type { LineInput } from '@/lib/store/line-batch';
import { makeLine } from './make-lines';

type Written = Array<{ message: string; level?: Level }>;

const word = fc.constantFrom('open', 'read', 'needle', 'close');

/** What a program writes at once: mostly a line, else a stack trace of some language, a list, or a long line in parts. */
const block: fc.Arbitrary<Written> = fc.oneof(
  { weight: 6, arbitrary: word.map((what): Written => [{ message: `going on to ${what}` }]) },
  {
    weight: 3,
    arbitrary: fc
      .record({ what: word, frames: fc.array(word, { minLength: 1, maxLength: 30 }), hasCode: fc.boolean() })
      .map(
        ({ what, frames, hasCode }): Written => [
          { message: `Error: cannot ${what}`, level: 'error' },
          ...frames.map((frame, line) => ({ message: `    at ${frame} (app.js:${line}:1)` })),
          ...(hasCode ? [{ message: "  code: 'ENOENT',", level: 'error' as const }, { message: '}' }] : []),
        ],
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(word, { minLength: 1, maxLength: 5 })
      .map(
        (frames): Written => [
          { message: 'Traceback (most recent call last):' },
          ...frames.flatMap((frame, line) => [
            { message: `  File "app.py", line ${line}, in ${frame}` },
            { message: `    ${frame}()` },
          ]),
          { message: 'ValueError: needle', level: 'error' },
        ],
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(word, { minLength: 1, maxLength: 40 })
      .map((items): Written => [{ message: 'settings:' }, ...items.map((item) => ({ message: `  ${item}: 1` }))]),
  },
);

const STREAMS: readonly Stream[] = ['stdout', 'stderr', 'system'];

/** Lines of programs that write at the same time, in order; the times rise, now and then by seconds. */
export function interleavedLines(blocks: number, startUs: number): fc.Arbitrary<LineInput[]> {
  const steps = fc.record({
    source: fc.nat({ max: 2 }),
    count: fc.integer({ min: 1, max: 8 }),
    isLate: fc.nat({ max: 40 }),
  });
  return fc
    .record({
      written: fc.array(fc.tuple(fc.nat({ max: 2 }), block), { minLength: blocks, maxLength: blocks }),
      steps: fc.array(steps, { minLength: 50, maxLength: 50 }),
    })
    .map(({ written, steps }) => {
      const queues = STREAMS.map((_, source) => written.flatMap(([of, lines]) => (of === source ? lines : [])));
      const lines: LineInput[] = [];
      let timeUs = startUs;
      for (let turn = 0; queues.some(({ length }) => length > 0); turn++) {
        const { source, count, isLate } = steps[turn % steps.length] ?? { source: turn % 3, count: 1, isLate: 1 };
        // Who has nothing left gives way to the next.
        const of = [source, (source + 1) % 3, (source + 2) % 3].find((one) => (queues[one]?.length ?? 0) > 0) ?? 0;
        timeUs += isLate === 0 ? 3_000_000 : 1000;
        for (const { message, level } of queues[of]?.splice(0, count) ?? [])
          lines.push(makeLine(message, { level: level ?? 'info', stream: STREAMS[of] ?? 'stdout', timeUs }));
      }
      return lines;
    });
}
