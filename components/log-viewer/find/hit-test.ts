import type { LogMessage } from '@/lib/protocol/log-message';
import type { TextQuery } from '@/lib/protocol/text-query';

/** Whether a line is a match; each is asked once. */
export function hitTest(query: TextQuery): (line: LogMessage) => boolean {
  const known = new WeakMap<LogMessage, boolean>();
  return (line) => {
    const found = known.get(line) ?? query.matches(line.message);
    known.set(line, found);
    return found;
  };
}
