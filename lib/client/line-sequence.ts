import { formatRunCursor, type GlobalCursor, parseCursor, parseLineNumber } from '@/lib/protocol/cursor';
import type { LogMessage } from '@/lib/protocol/log-message';

/**
 * Exactly once, on the client's side: what of a batch is new, and whether something is missing before it. A run's line
 * numbers are dense, so a hole on an unfiltered stream is a fault of the connection or the server, never of the log.
 */

/** How far a reader has come. `line` is absent where the first line to come may have any number. */
export interface Place {
  readonly cursor?: string;
  readonly line?: number;
}

export interface Reading {
  /** Holes are to be expected: a filter leaves lines out. */
  filtered: boolean;
  /** So many messages just before could not be read; a hole of that size is theirs. */
  unreadable: number;
}

export interface Gap {
  /** The newest line before the hole. */
  after: number;
  /** The line that came instead of the next one. */
  found: number;
}

export interface Admission {
  /** The new lines, in order. */
  lines: readonly LogMessage[];
  place: Place;
  gap?: Gap;
}

/** The place that a program's `after` names; 0 leaves the first line open, as retention may have taken line 1. */
export function startPlace(after: string | number | undefined): Place {
  if (after === undefined) return {};
  const cursor = String(after);
  const line = parseLineNumber(cursor) ?? lineOf(cursor);
  return line === undefined || line === 0 ? { cursor } : { cursor, line };
}

/** The line that a run's cursor stands behind, or undefined where the text is no such cursor. */
export function lineOf(cursor: string): number | undefined {
  const parsed = parseCursor(cursor);
  return parsed?.kind === 'run' ? parsed.line : undefined;
}

/** True for a cursor behind a run's end; also for one of a form that this client does not know. */
export function mayStandAtEnd(cursor: string): boolean {
  if (parseLineNumber(cursor) !== undefined) return false;
  const parsed = parseCursor(cursor);
  return parsed === undefined || (parsed.kind === 'run' && parsed.ends !== undefined);
}

/** Admits a batch of one run. Numbers at or below the place's are repetitions; after a hole nothing is admitted. */
export function admitRunLines(place: Place, lines: readonly LogMessage[], reading: Reading): Admission {
  let { line } = place;
  let { unreadable } = reading;
  const admitted: LogMessage[] = [];
  for (const log of lines) {
    if (line !== undefined && log.id <= line) continue;
    if (line !== undefined && !reading.filtered && log.id - line - 1 > unreadable) {
      return { lines: admitted, place: placeAt(place, line), gap: { after: line, found: log.id } };
    }
    line = log.id;
    unreadable = 0;
    admitted.push(log);
  }
  const all = admitted.length === lines.length ? lines : admitted;
  return { lines: all, place: line === undefined ? place : placeAt(place, line) };
}

/** Admits a batch of all runs: each line has its own cursor, and these ascend. */
export function admitGlobalLines(place: Place, lines: readonly LogMessage[]): Admission {
  let { cursor } = place;
  const admitted = lines.filter((log) => {
    if (log.cursor === undefined) return true;
    if (!isAhead(cursor, log.cursor)) return false;
    cursor = log.cursor;
    return true;
  });
  return { lines: admitted, place: cursor === undefined ? place : { cursor } };
}

/**
 * Moves to a cursor that the server sent besides lines. One behind the place is ignored; one ahead of it on an unfiltered
 * run shows a hole.
 */
export function admitCursor(place: Place, cursor: string, reading: Reading): { place: Place; gap?: Gap } {
  const line = lineOf(cursor);
  if (line === undefined) return isAhead(place.cursor, cursor) ? { place: { ...place, cursor } } : { place };
  if (place.line === undefined) return { place: { cursor, line } };
  if (line < place.line) return { place };
  if (!reading.filtered && line - place.line > reading.unreadable) {
    return { place, gap: { after: place.line, found: line + 1 } };
  }
  return { place: { cursor, line } };
}

/** The place behind one line of a batch, whose cursor tells run and epoch. */
export function placeOfLine(log: LogMessage, batchCursor: string): Place {
  return log.cursor === undefined ? placeAt({ cursor: batchCursor }, log.id) : { cursor: log.cursor };
}

/** The cursor behind a line, in the run and epoch of a cursor already known; else the bare number, which serves too. */
function placeAt(place: Place, line: number): Place {
  if (line === place.line) return place;
  const known = place.cursor === undefined ? undefined : parseCursor(place.cursor);
  const cursor = known?.kind === 'run' ? formatRunCursor(known.epoch, known.runKey, line) : String(line);
  return { cursor, line };
}

/** False only where both are places of one journal and the second is not behind the first. */
function isAhead(from: string | undefined, to: string): boolean {
  const a = from === undefined ? undefined : parseCursor(from);
  const b = parseCursor(to);
  if (a?.kind !== 'global' || b?.kind !== 'global' || a.epoch !== b.epoch) return true;
  return compare(a, b) < 0;
}

/** Index 0 stands behind all of the entry. */
function compare(a: GlobalCursor, b: GlobalCursor): number {
  return a.position - b.position || (a.index || Number.MAX_VALUE) - (b.index || Number.MAX_VALUE);
}
