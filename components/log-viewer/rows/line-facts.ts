import type { LogMessage } from '@/lib/protocol/log-message';
import { type GroupMarker, groupMarker } from '@/lib/terminal/groups';

/** What rows need to know of a line besides its fields. */
export interface LineFacts {
  marker: GroupMarker | undefined;
  /** Epoch milliseconds; NaN where the time cannot be read. */
  timeMs: number;
}

const known = new WeakMap<LogMessage, LineFacts>();

/** Looked for once and kept as long as the line, so that a pass over all held lines costs only the new ones. */
export function factsOf(line: LogMessage): LineFacts {
  const found = known.get(line);
  if (found) return found;
  const facts = { marker: groupMarker(line.message), timeMs: Date.parse(line.timestamp) };
  known.set(line, facts);
  return facts;
}
