import type { Readable } from 'node:stream';
import { StratalError } from '@/lib/errors/stratal-error';
import type { SearchLine } from '@/lib/protocol/api';
import { formatRunCursor } from '@/lib/protocol/cursor';
import type { LogStore, RunHead } from '@/lib/store/store';
import { requireRun, requireTasks } from './history';
import { resumePoint } from './resume-point';
import type { RestSearchQuery } from './search-query';
import { streamedBody } from './streamed-body';

type SearchStore = Pick<LogStore, 'epoch' | 'runHead' | 'readTask' | 'searchLines'>;

/** Progress is told after so many lines, or so long, whichever is first; a piece may be longer than either. */
const PROGRESS_LINES = 100_000;
const PROGRESS_MS = 1000;

/** An answer on its way. */
export interface Search {
  headers: Record<string, string>;
  /** NDJSON; the run is read only as fast as this is taken. An error in the middle breaks it off before its last line. */
  body: Readable;
}

/** Looks through a run's lines as they stand now; lines that are added meanwhile are left to the next search. */
export async function openSearch(
  store: SearchStore,
  runId: string,
  query: RestSearchQuery,
  draining: AbortSignal,
): Promise<Search> {
  const head = await requireRun(store, runId);
  await requireTasks(store, query.filter, runId);
  const afterLine = Math.max(head.firstLine - 1, resumePoint(query.after, head, store.epoch));
  return {
    headers: {
      'content-type': 'application/x-ndjson',
      // Compressing in transit would hold back what was found.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    },
    body: streamedBody((signal) => linesOf(store, head, afterLine, query, signal), draining),
  };
}

async function* linesOf(
  store: SearchStore,
  head: RunHead,
  afterLine: number,
  { filter, limit }: RestSearchQuery,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  let seen = afterLine;
  const told = { line: afterLine, at: Date.now() };
  const query = { run: head, afterLine, lastLine: head.lastLine, filter, limit };
  for await (const { count, ndjson, lastLine } of store.searchLines(query, signal)) {
    if (count > 0) yield ndjson;
    total += count;
    seen = lastLine;
    const isDue = seen - told.line >= PROGRESS_LINES || Date.now() - told.at >= PROGRESS_MS;
    if (!isDue || seen >= head.lastLine || total === limit) continue;
    yield encode({ progress: { last: seen } });
    told.line = seen;
    told.at = Date.now();
  }
  if (total === limit && seen < head.lastLine) {
    const next = formatRunCursor(store.epoch, head.key, seen);
    yield encode({ total, complete: false, reason: 'limit', next });
    return;
  }
  // Of a run that is gone nothing is found, which is not the same as looking through it.
  if ((await store.runHead(head.id))?.key !== head.key) {
    throw new StratalError('STRATAL_NO_RUN', `Job run ${head.id} was deleted during the search.`);
  }
  yield encode({ total, complete: true });
}

function encode(line: SearchLine): Uint8Array {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}
