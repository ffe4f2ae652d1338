import { Readable } from 'node:stream';
import { StratalError } from '@/lib/errors/stratal-error';
import { isUnfiltered, matchesLine } from '@/lib/protocol/filter-match';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { LineBatch } from '@/lib/store/line-batch';
import type { LogStore, RunHead } from '@/lib/store/store';
import type { DownloadQuery } from './download-query';
import { requireRun, requireTasks } from './history';

export type DownloadStore = Pick<LogStore, 'runHead' | 'readTask' | 'readPage' | 'readBatch'>;

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
    body: Readable.from(linesOf(store, head, query), { objectMode: false }),
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

async function* linesOf(store: DownloadStore, head: RunHead, query: DownloadQuery): AsyncGenerator<Buffer> {
  const last = Math.min(head.lastLine, query.lines?.last ?? head.lastLine);
  let line = Math.max(head.firstLine, query.lines?.first ?? head.firstLine);
  while (line <= last) {
    const batch = await store.readBatch(head, line);
    // A file that just ended here, or went on later, would seem whole: the transfer breaks instead.
    if (batch?.firstLine !== line) {
      throw new StratalError('STRATAL_NO_LINES', `Line ${line} of job run ${head.id} was deleted during the download.`);
    }
    const text = renderBatch(batch, Math.min(batch.count, last - batch.firstLine + 1), query);
    if (text !== '') yield Buffer.from(text, 'utf8');
    line = batch.lastLine + 1;
  }
}

function renderBatch(batch: LineBatch, end: number, { format, filter }: DownloadQuery): string {
  const takesAll = isUnfiltered(filter);
  let text = '';
  for (let index = 0; index < end; index++) {
    const facet = batch.facet(index);
    if (format === 'raw' && facet.stream === 'system') continue;
    if (!takesAll && !matchesLine(filter, facet, batch.timeUs(index), batch.message(index))) continue;
    if (format === 'ndjson') text += `${batch.toJson(index)}\n`;
    else if (format === 'text') text += `${formatTimestamp(batch.timeUs(index))} ${batch.message(index)}\n`;
    else text += batch.continues(index) ? batch.message(index) : `${batch.message(index)}\n`;
  }
  return text;
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
