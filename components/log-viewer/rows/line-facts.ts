import { isTraceLine } from '@/lib/protocol/continuation';
import type { LogMessage } from '@/lib/protocol/log-message';
import { type GroupMarker, groupMarker } from '@/lib/terminal/groups';
import { lineShape } from './line-shape';
import type { LineRow } from './row';

/** What rows need to know of a line besides its fields. */
export interface LineFacts {
  marker: GroupMarker | undefined;
  /** Epoch milliseconds; NaN where the time cannot be read. */
  timeMs: number;
  /** What repeats of the line have in common; empty where it is not folded: blank, or a part of a stack trace. */
  shape?: string;
  /** The row that was made of it last. */
  row?: LineRow;
}

const known = new WeakMap<LogMessage, LineFacts>();

/** Looked for once and kept as long as the line, so that a pass over all held lines costs only the new ones. */
export function factsOf(line: LogMessage): LineFacts {
  const found = known.get(line);
  if (found) return found;
  const facts: LineFacts = { marker: groupMarker(line.message), timeMs: Date.parse(line.timestamp) };
  known.set(line, facts);
  return facts;
}

/** The line as a row; the same object as long as nothing about it changes. */
export function lineRow(line: LogMessage, depth: number, gapMs: number | undefined): LineRow {
  const facts = factsOf(line);
  if (facts.row?.depth === depth && facts.row.gapMs === gapMs) return facts.row;
  facts.row = { kind: 'line', key: line.id, line, depth, gapMs };
  return facts.row;
}

/** What repeats of the line have in common. */
export function shapeOf(line: LogMessage): string {
  const facts = factsOf(line);
  // Frames of a trace look alike, and belong together with the lines around them.
  facts.shape ??= isTraceLine(line.message) ? '' : lineShape(line.message);
  return facts.shape;
}
