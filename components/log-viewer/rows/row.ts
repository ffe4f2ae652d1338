import type { LogMessage } from '@/lib/protocol/log-message';
import type { Status } from '@/lib/protocol/run';
import type { Tally } from '@/lib/terminal/group-tally';

interface RowBase {
  /** Unique in a list. A line's number; negative for a row that has no line of its own. */
  key: number;
  /** The first line that the row stands for. */
  line: LogMessage;
  /** How many groups and opened attempts are around the row. */
  depth: number;
  /** Milliseconds of silence before the row, where they are worth telling. */
  gapMs?: number | undefined;
}

export interface LineRow extends RowBase {
  kind: 'line';
}

/** The header of a group; `line` is its marker. */
export interface GroupRow extends RowBase, Tally {
  kind: 'group';
  /** Also what the group's fold is remembered by: the number of its marker. */
  id: number;
  title: string;
  isOpen: boolean;
  /** From the marker to the last line that is known of the group. */
  durationMs: number;
  /** Its end is known: no more lines will come. */
  isComplete: boolean;
  /** Some of its lines are not held: the counts are lower bounds. */
  isPartial: boolean;
}

/** Lines in a row that are equal but for numbers, ids and times; `line` is the first of them. */
export interface RepeatRow extends RowBase {
  kind: 'repeat';
  count: number;
  last: LogMessage;
  /** The other lines are rows of their own, below. */
  isOpen: boolean;
}

/** A block of lines of an attempt that a later one took the place of. */
export interface AttemptRow extends RowBase, Tally {
  kind: 'attempt';
  /** The task run. */
  id: string;
  task: string;
  attempt: number;
  status: Status;
  last: LogMessage;
  isOpen: boolean;
  /** The block goes on outside the lines that are held. */
  isPartial: boolean;
}

export type FoldRow = GroupRow | RepeatRow | AttemptRow;
export type Row = LineRow | FoldRow;

/** The rows of the lines that are held. */
export interface RowList {
  items: readonly Row[];
  /** The row that shows a line, or the folded one that it is in; of a line that is not held, of the next one. -1: none. */
  indexOf: (line: number) => number;
  /** There are groups, so that opening and closing all of them makes sense. */
  hasGroups: boolean;
  /** How many open groups and opened attempts are around what comes behind the last line. */
  depthBehind: number;
}

/** Each line as a row. */
export function plainRows(lines: readonly LogMessage[]): RowList {
  return {
    items: lines.map((line) => ({ kind: 'line', key: line.id, line, depth: 0 })),
    indexOf: (line) => lowerBound(lines, line),
    hasGroups: false,
    depthBehind: 0,
  };
}

/** The place of the first line with this number or a higher one; -1 where all are lower. */
export function lowerBound(lines: readonly LogMessage[], id: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle]?.id ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low === lines.length ? -1 : low;
}
