import type { Readable } from 'node:stream';
import { StratalError } from '@/lib/errors/stratal-error';
import type { LogStore, RunHead } from '@/lib/store/store';
import type { DownloadQuery } from './download-query';
import { requireRun, requireTasks } from './history';
import { streamedBody } from './streamed-body';

export type DownloadStore = Pick<LogStore, 'runHead' | 'readTask' | 'readPage' | 'renderLines'>;

/** A file on its way. */
export interface Download {
  headers: Record<string, string>;
  /** The file before its compression; reads the store only as fast as it is taken. */
  body: Readable;
  isGzipped: boolean;
}

/**
 * A run's lines as a file, as they stand now: lines that are added meanwhile are left to the next download. `acceptsGzip` compresses
 * in transit. No line on the asked day, or lines outside the run: STRATAL_NO_LINES.
 */
export async function openDownload(
  store: DownloadStore,
  runId: string,
  query: DownloadQuery,
  acceptsGzip: boolean,
  draining: AbortSignal,
): Promise<Download> {
  const head = await requireRun(store, runId);
  await requireTasks(store, query.filter, runId);
  await refuseMissingLines(store, head, query);
  return {
    headers: {
      'content-type': contentType(query),
      'content-disposition': `${query.inline ? 'inline' : 'attachment'}; filename="${fileName(runId, query)}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(query.compress ? {} : { vary: 'Accept-Encoding' }),
      ...(acceptsGzip && !query.compress && { 'content-encoding': 'gzip' }),
    },
    body: streamedBody((signal) => linesOf(store, head, query, signal), draining),
    isGzipped: query.compress || acceptsGzip,
  };
}

async function refuseMissingLines(store: DownloadStore, head: RunHead, { date, lines }: DownloadQuery): Promise<void> {
  const isEmpty = head.lastLine < head.firstLine;
  if (lines && (lines.last < head.firstLine || lines.first > head.lastLine)) {
    const has = isEmpty ? 'has no lines yet' : `has lines ${head.firstLine} to ${head.lastLine}`;
    throw new StratalError('STRATAL_NO_LINES', `Job run ${head.id} ${has}; ask for some of them.`);
  }
  if (!date || isEmpty) return;
  const filter = { fromUs: date.fromUs, toUs: date.toUs };
  const page = await store.readPage({ run: head, start: { kind: 'offset', offset: 0 }, limit: 1, filter });
  if (page.lines.length > 0) return;
  throw new StratalError(
    'STRATAL_NO_LINES',
    `Job run ${head.id} has no line on ${date.text} (UTC); leave date out for the whole run.`,
  );
}

function linesOf(
  store: DownloadStore,
  head: RunHead,
  { lines, date, format, filter, around }: DownloadQuery,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const firstLine = Math.max(head.firstLine, lines?.first ?? head.firstLine);
  const lastLine = Math.min(head.lastLine, lines?.last ?? head.lastLine);
  return store.renderLines({ run: head, firstLine, lastLine, format, filter, around, within: date }, signal);
}

function contentType({ format, compress }: DownloadQuery): string {
  if (compress) return 'application/gzip';
  return format === 'ndjson' ? 'application/x-ndjson' : 'text/plain; charset=utf-8';
}

/** Ids hold no character that needs quoting in a header or a file name. */
function fileName(runId: string, { format, date, compress }: DownloadQuery): string {
  const day = date ? `-${date.text}` : '';
  return `stratal-${runId}${day}.${format === 'ndjson' ? 'ndjson' : 'log'}${compress ? '.gz' : ''}`;
}
