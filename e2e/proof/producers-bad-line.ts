import { once } from 'node:events';
import { z } from 'zod';
import { ApiClient, freshId } from '@/e2e/api-client';
import { canMeasureMemory, peakBytes, resetPeak, residentBytes } from '@/e2e/process-memory';
import type { StratalServer } from '@/e2e/stratal-server';
import type { ScenarioOutcome } from './outcome';

const BLOCK_LINES = 2000;
const MESSAGE_CHARS = 120;
const MEMORY_MAX_BYTES = 400 * 1024 * 1024;
/** Pages that are compared: a run of millions of lines is not read whole. */
const PAGES = 50;

const pageSchema = z.object({ logs: z.array(z.object({ id: z.number(), message: z.string() })) });

function message(index: number): string {
  return `line ${index} `.padEnd(MESSAGE_CHARS, 'lorem ipsum ');
}

/** A body made while it is sent, with a bad line far in it: stored to just before that, in memory for a part. */
export async function sendBadLineFarIn(
  server: StratalServer,
  random: () => number,
  { lines, badLine }: { lines: number; badLine: number },
): Promise<ScenarioOutcome> {
  const run = freshId('bad-line');
  const api = new ApiClient(server.url);
  const broken: string[] = [];
  try {
    const before = canMeasureMemory ? residentBytes(server.pid) : 0;
    if (canMeasureMemory) resetPeak(server.pid);
    const source = crypto.randomUUID();
    const headers = { 'content-type': 'application/x-ndjson', 'stratal-source': source, 'stratal-position': '0' };
    const { request, answer } = api.open('POST', `job-runs/${run}/logs`, headers);
    let isAnswered = false;
    void answer.then(
      () => {
        isAnswered = true;
      },
      () => {},
    );
    for (let from = 0; from < lines && !isAnswered; from += BLOCK_LINES) {
      const drained = Promise.race([once(request, 'drain').catch(() => {}), answer.catch(() => {})]);
      if (!request.write(block(from, Math.min(lines, from + BLOCK_LINES), badLine))) await drained;
    }
    request.end();
    const told = (await answer).json();
    const expected = { status: 400, line: badLine, field: 'level', accepted: badLine - 1, next: badLine - 1 };
    for (const [name, value] of Object.entries(expected)) {
      const member = (await answer).json(name);
      if (member !== value) broken.push(`promise 6: ${name} should be ${value}: ${JSON.stringify(told)}`);
    }
    if (canMeasureMemory) {
      const grown = peakBytes(server.pid) - before;
      if (grown > MEMORY_MAX_BYTES) broken.push(`the server grew by ${Math.round(grown / 1e6)} MB`);
    }
    broken.push(...(await comparePages(api, run, random, badLine - 1)));
    return {
      scenario: `a body of ${lines} lines, the ${badLine}th bad`,
      lines: badLine - 1,
      answers: { 400: 1 },
      broken,
    };
  } finally {
    api.close();
  }
}

function block(from: number, to: number, badLine: number): Buffer {
  let text = '';
  for (let index = from; index < to; index++) {
    const level = index + 1 === badLine ? 'loud' : 'info';
    text += `{"message":"${message(index)}","level":"${level}"}\n`;
  }
  return Buffer.from(text);
}

async function comparePages(api: ApiClient, run: string, random: () => number, count: number): Promise<string[]> {
  const broken: string[] = [];
  const stored = (await api.get(`job-runs/${run}`)).json('line_count');
  if (stored !== count) broken.push(`promise 6: ${stored} lines are stored, not ${count}`);
  const offsets = [0, Math.max(0, count - 1000), ...Array.from({ length: PAGES }, () => Math.floor(random() * count))];
  for (const offset of offsets) {
    const { logs } = pageSchema.parse((await api.get(`logs/job-runs/${run}?offset=${offset}&limit=1000`)).json());
    if (logs.length !== Math.min(1000, count - offset))
      broken.push(`promise 2: ${logs.length} lines at offset ${offset}`);
    const wrong = logs.findIndex((line, at) => line.id !== offset + at + 1 || line.message !== message(offset + at));
    if (wrong >= 0) broken.push(`promise 2: line ${offset + wrong + 1} is not the one that was sent`);
  }
  return broken;
}
