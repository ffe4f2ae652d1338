import { z } from 'zod';
import { filterOrThrow } from '@/lib/errors/bad-filter';
import { fromZodError } from '@/lib/errors/bad-parameter';
import { StratalError } from '@/lib/errors/stratal-error';
import { type Cursor, parseCursor, parseLineNumber } from '@/lib/protocol/cursor';
import type { LineFilter } from '@/lib/protocol/filter';
import { type FilterSource, parseFilter } from '@/lib/protocol/filter-parse';
import { foldId, isId } from '@/lib/protocol/ids';

/** `tail` of a stream at most. */
const TAIL_LINES_MAX = 1_000_000;

/** What a reader presents to go on after: a cursor, or on job streams a bare line number. */
export type Presented = { kind: 'cursor'; cursor: Cursor; text: string } | { kind: 'line'; line: number };

/** A stream as its reader asked for it, whatever the transport. */
export interface StreamRequest {
  /** Undefined: the global stream. */
  runId: string | undefined;
  presented: Presented | undefined;
  /** The newest so many lines; ignored on a resume. */
  tail: number | undefined;
  filter: LineFilter;
  partial: boolean;
}

const tailSchema = z.coerce
  .number()
  .int('must be a whole number')
  .min(0, 'must not be negative')
  .max(TAIL_LINES_MAX, `must be at most ${TAIL_LINES_MAX}`);

/** Reads the query of a stream. `lastEventId` wins over `after`, as EventSource repeats the URL with it. */
export function parseStreamQuery(query: URLSearchParams, lastEventId: string | undefined): StreamRequest {
  const runId = query.get('job_run_id') ?? undefined;
  return {
    runId: runId === undefined ? undefined : parseRunId(runId),
    presented: lastEventId
      ? parsePresented(lastEventId, 'Last-Event-ID', runId !== undefined, false)
      : parseAfter(query.get('after') ?? undefined, runId !== undefined),
    tail: parseTail(query.get('tail') ?? undefined),
    filter: parseStreamFilter(query),
    partial: isOn(query.get('partial')),
  };
}

/** A run's id as it is stored; one that cannot be an id names no run. */
function parseRunId(text: string): string {
  if (!isId(text))
    throw new StratalError('STRATAL_NO_RUN', `There is no job run ${JSON.stringify(text.slice(0, 200))}.`);
  return foldId(text);
}

export function parseAfter(text: string | number | undefined, isRun: boolean): Presented | undefined {
  return text === undefined || text === '' ? undefined : parsePresented(String(text), 'after', isRun, isRun);
}

export function parseTail(text: string | number | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const parsed = tailSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new StratalError('STRATAL_BAD_PARAMETER', `tail: ${fromZodError(parsed.error).message}`, {
    members: { field: 'tail' },
  });
}

export function parseStreamFilter(source: FilterSource): LineFilter {
  return filterOrThrow(parseFilter(source));
}

function parsePresented(text: string, field: string, isRun: boolean, takesLine: boolean): Presented {
  const line = takesLine ? parseLineNumber(text) : undefined;
  if (line !== undefined) return { kind: 'line', line };
  const cursor = parseCursor(text);
  if (cursor?.kind === (isRun ? 'run' : 'global')) return { kind: 'cursor', cursor, text };
  const takes = isRun ? 'a cursor of a job stream or a line number' : 'a cursor of the global stream';
  throw new StratalError('STRATAL_BAD_CURSOR', `${field}: must be ${takes}.`, { members: { field } });
}

function isOn(text: string | null): boolean {
  if (text === null || text === '' || text === '0' || text === 'false') return false;
  if (text === '1' || text === 'true') return true;
  throw new StratalError('STRATAL_BAD_PARAMETER', 'partial: must be 1 or 0.', { members: { field: 'partial' } });
}
