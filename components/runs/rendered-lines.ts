import type { LogMessage } from '@/lib/protocol/log-message';

/**
 * Consecutive ones of the lines with about `charsMax` UTF-16 units of text at most, and one line at least: those around `line`
 * where it is given, else the last ones.
 */
export function rendered(lines: readonly LogMessage[], charsMax: number, line?: number): readonly LogMessage[] {
  const middle = line === undefined ? -1 : lines.findIndex(({ id }) => id >= line);
  let from = middle === -1 ? lines.length - 1 : middle;
  let to = from;
  let left = charsMax - charsOf(lines[from]);
  // In turn above and below, as far as there is room.
  for (let canGoUp = from >= 0, canGoDown = true; canGoUp || canGoDown; ) {
    canGoUp &&= from > 0 && charsOf(lines[from - 1]) <= left;
    if (canGoUp) left -= charsOf(lines[--from]);
    canGoDown &&= to < lines.length - 1 && charsOf(lines[to + 1]) <= left;
    if (canGoDown) left -= charsOf(lines[++to]);
  }
  return from <= 0 && to === lines.length - 1 ? lines : lines.slice(from, to + 1);
}

function charsOf(line: LogMessage | undefined): number {
  return line?.message.length ?? 0;
}
