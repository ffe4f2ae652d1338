import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import { COPY_LINES_MAX, type FetchLines, readLines } from './read-lines';

function linesOf(first: number, last: number): LogMessage[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    id: first + index,
    job_run_id: 'run',
    timestamp: '2026-01-31T10:30:00.000Z',
    level: 'info',
    stream: 'stdout',
    message: `line ${first + index}`,
  }));
}

/** A run with these lines, and how often it was asked. */
function run(first: number, last: number): { fetchLines: FetchLines; asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    fetchLines: async (after, limit) => {
      asked.push(limit);
      const from = Math.max(first, after + 1);
      return linesOf(from, Math.min(last, from + limit - 1));
    },
  };
}

test('a range comes whole and in order, wherever the lines at hand are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 0, max: 2000 }),
      async (first, more, heldFirst, heldCount) => {
        const { fetchLines, asked } = run(1, 9000);
        const last = first + more;
        const { lines, isCut } = await readLines(
          { first, last },
          linesOf(heldFirst, heldFirst + heldCount - 1),
          fetchLines,
        );
        assert.deepEqual(
          lines.map(({ id }) => id),
          linesOf(first, last).map(({ id }) => id),
        );
        assert.equal(isCut, false);
        assert.ok(asked.every((limit) => limit >= 1 && limit <= 1000));
      },
    ),
    { numRuns: 50 },
  );
});

test('what is at hand is not asked for', async () => {
  const { fetchLines, asked } = run(1, 9000);
  await readLines({ first: 100, last: 200 }, linesOf(50, 300), fetchLines);
  assert.deepEqual(asked, []);
});

test('lines that the run does not have are left out', async () => {
  const { fetchLines } = run(1000, 1010);
  const { lines } = await readLines({ first: 990, last: 2000 }, [], fetchLines);
  assert.deepEqual([lines[0]?.id, lines.at(-1)?.id], [1000, 1010]);
});

test('more than the bound is cut, and said so', async () => {
  const { fetchLines } = run(1, 200_000);
  const { lines, isCut } = await readLines({ first: 1, last: 200_000 }, [], fetchLines);
  assert.equal(lines.length, COPY_LINES_MAX);
  assert.equal(isCut, true);
});
