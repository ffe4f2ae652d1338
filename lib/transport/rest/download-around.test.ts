import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { LineInput } from '@/lib/store/line-batch';
import { interleavedLines } from '@/lib/store/testing/interleaved-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { openDownload } from './download';
import { parseDownloadQuery } from './download-query';
import { readHistory } from './history';
import { parseHistoryQuery } from './history-query';

/** Midnight in UTC, some lines into each run. */
const DAY = { text: '2024-01-16', next: '2024-01-17', us: Date.parse('2024-01-16') * 1000 };
const AROUND = ['', 'context=1', 'context=4', 'context=50', 'context=2&traces=true'];
const FILTERS = [
  'level=error',
  'q=needle',
  'q=code&stream=stderr',
  'q="File -needle"',
  'q=Error&level=error',
  'stream=stdout',
  '',
];
/** Chunks of the sizes that live runs have before they are merged; a part of a file is made of 64. */
const CHUNKS = [1, 2, 5, 3, 1, 8];

const never = new AbortController().signal;

describe('a file under a filter has the lines of the pages', () => {
  let opened: TestStore;
  let runs = 0;
  before(async () => {
    opened = await openTestStore();
  });
  after(() => opened.close());

  async function store(lines: readonly LineInput[]): Promise<string> {
    runs += 1;
    const run = await makeRun(opened.store, `run-${runs}`);
    for (let at = 0, chunk = 0; at < lines.length; chunk++) {
      const size = CHUNKS[chunk % CHUNKS.length] ?? 1;
      await appendLines(opened.store, run, lines.slice(at, at + size));
      at += size;
    }
    return run.id;
  }

  async function pages(run: string, query: string, limit: number): Promise<LogMessage[]> {
    const lines: LogMessage[] = [];
    for (let from = '0'; ; ) {
      const parameters = new URLSearchParams(query);
      parameters.set('after', from);
      parameters.set('limit', String(limit));
      const history = { store: opened.store, waitForLine: async () => {}, draining: never };
      const { logs, pagination } = await readHistory(history, run, parseHistoryQuery(parameters), never);
      lines.push(...logs);
      if (pagination.next === from) return lines;
      from = pagination.next;
    }
  }

  async function file(run: string, query: string): Promise<string> {
    const asked = parseDownloadQuery(new URLSearchParams(query));
    return text((await openDownload(opened.store, run, asked, false, never)).body);
  }

  async function ids(run: string, query: string): Promise<number[]> {
    const lines = (await file(run, `${query}&format=ndjson`)).split('\n').filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as LogMessage).id);
  }

  const FORMATS: Record<string, (line: LogMessage) => string> = {
    text: ({ timestamp, message }) => `${timestamp} ${message}\n`,
    raw: ({ stream, message, continues }) => (stream === 'system' ? '' : `${message}${continues ? '' : '\n'}`),
    ndjson: (line) => `${JSON.stringify(line)}\n`,
  };

  test('joined, whatever their length, in every format', async () => {
    await fc.assert(
      fc.asyncProperty(interleavedLines(150, DAY.us - 100_000), async (lines) => {
        const run = await store(lines);
        const [first, last] = [Math.ceil(lines.length / 3), Math.ceil(lines.length / 2)];
        for (const [index, filter] of FILTERS.entries()) {
          const around = AROUND[(runs + index) % AROUND.length] ?? '';
          for (const query of [`${filter}&traces=1`, `${filter}&${around}`]) {
            const expected = await pages(run, query, 1000);
            const inPages = await pages(run, query, 25);
            assert.deepEqual(idsOf(inPages), idsOf(expected), `${query} in pages`);
            for (const [format, toText] of Object.entries(FORMATS)) {
              const whole = expected.map(toText).join('');
              assert.equal(await file(run, `${query}&format=${format}`), whole, `${query} as ${format}`);
            }
            const part = expected.filter(({ id }) => id >= first && id <= last);
            assert.deepEqual(await ids(run, `${query}&lines=${first}-${last}`), idsOf(part), `${query} of some lines`);
            const day = await pages(run, `${query}&from=${DAY.text}T00:00:00Z&to=${DAY.next}T00:00:00Z`, 1000);
            const ofDay = day.filter(({ timestamp }) => timestamp.startsWith(DAY.text));
            assert.deepEqual(await ids(run, `${query}&date=${DAY.text}`), idsOf(ofDay), `${query} of a day`);
          }
        }
      }),
      // A case that fails is printed with its seed; trying smaller ones would take as long each.
      { numRuns: 2, endOnFailure: true },
    );
  });
});

function idsOf(lines: readonly LogMessage[]): number[] {
  return lines.map(({ id }) => id);
}
