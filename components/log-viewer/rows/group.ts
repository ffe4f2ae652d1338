import type { LogMessage } from '@/lib/protocol/log-message';
import type { GroupMarker } from '@/lib/terminal/groups';
import { factsOf } from './line-facts';
import type { Tally } from './row';

/** A group of lines that one task run wrote. */
export interface Group extends Tally {
  /** The number of its marker. */
  id: number;
  line: LogMessage;
  marker: GroupMarker;
  parent: Group | undefined;
  depth: number;
  /** The line that ends it, where one is known. */
  endId: number | undefined;
  /** The newest time that is known of it. */
  lastMs: number;
  /** Some of its lines above those that are held were never counted. */
  isPartial: boolean;
  /** All that there will be of it is counted, although the end of the run is not held. */
  isWhole: boolean;
  /** One of its lines is asked for: linked, or a hit. */
  isWanted: boolean;
  /** Of `lines`, `errors` and `warnings`, what is of lines before `goneBelow`, which are not held. */
  gone: Tally;
  goneBelow: number;
}

/** A group of which nothing but its marker is known yet. */
export function beginGroup(line: LogMessage, marker: GroupMarker, parent: Group | undefined): Group {
  return {
    id: line.id,
    line,
    marker,
    parent,
    depth: parent === undefined ? 0 : parent.depth + 1,
    endId: undefined,
    lastMs: factsOf(line).timeMs,
    isPartial: false,
    isWhole: false,
    isWanted: false,
    ...noLines(),
    gone: noLines(),
    goneBelow: 0,
  };
}

export function noLines(): Tally {
  return { lines: 0, errors: 0, warnings: 0 };
}

/** Counts a line that is no marker. */
export function count(tally: Tally, { level }: LogMessage, step: 1 | -1 = 1): void {
  tally.lines += step;
  if (level === 'error') tally.errors += step;
  else if (level === 'warn') tally.warnings += step;
}

export function add(tally: Tally, { lines, errors, warnings }: Tally): void {
  tally.lines += lines;
  tally.errors += errors;
  tally.warnings += warnings;
}
