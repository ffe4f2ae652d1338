import { StratalError } from '@/lib/errors/stratal-error';
import { formatRunCursor, parseCursor, parseLineNumber } from '@/lib/protocol/cursor';
import type { ResetReason } from '@/lib/protocol/stream-events';
import type { RunHead } from '@/lib/store/store';

/**
 * The line that `after` names in this run. Text that is neither cursor nor line number: STRATAL_BAD_CURSOR; a cursor that a stream
 * would answer with `reset`: STRATAL_CURSOR_RESET, with where to go on.
 */
export function resumePoint(after: string, head: RunHead, epoch: string): number {
  const line = parseLineNumber(after);
  const cursor = line === undefined ? parseCursor(after) : undefined;
  if (line === undefined && cursor?.kind !== 'run') {
    throw new StratalError('STRATAL_BAD_CURSOR', 'after: must be a cursor of this run or a line number.', {
      members: { field: 'after' },
    });
  }
  if (cursor?.kind === 'run') {
    if (cursor.epoch !== epoch || cursor.runKey !== head.key) throw reset('epoch', head, epoch);
    const isPastEnd = cursor.ends !== undefined && head.end !== undefined && cursor.ends > head.end.number;
    if (isPastEnd) throw reset('ahead', head, epoch);
    return within(cursor.line, head, epoch);
  }
  return asksForAll(after) ? 0 : within(line ?? 0, head, epoch);
}

/** The bare number 0 asks for all there is, so it never misses what retention took. */
export function asksForAll(after: string): boolean {
  return parseLineNumber(after) === 0;
}

function within(line: number, head: RunHead, epoch: string): number {
  if (line > head.lastLine) throw reset('ahead', head, epoch);
  refuseTruncated(line, head, epoch);
  return line;
}

/** STRATAL_CURSOR_RESET where lines after `line` were removed. */
export function refuseTruncated(line: number, head: RunHead, epoch: string): void {
  if (line < head.firstLine - 1) throw reset('truncated', head, epoch);
}

const WORDS: Record<ResetReason, string> = {
  epoch: 'it is of another store, or of a run that was deleted',
  expired: 'it is too old',
  truncated: 'the lines after it were removed by retention',
  ahead: 'it is beyond the newest line',
};

function reset(reason: ResetReason, head: RunHead, epoch: string): StratalError {
  const cursor = formatRunCursor(epoch, head.key, head.firstLine - 1);
  return new StratalError(
    'STRATAL_CURSOR_RESET',
    `The cursor is no longer good: ${WORDS[reason]}; go on at \`cursor\`.`,
    {
      members: { reason, first: head.firstLine, last: head.lastLine, cursor },
    },
  );
}
