import { formatGlobalCursor, formatRunCursor } from '@/lib/protocol/cursor';
import type { JournalEntry } from '@/lib/store/store';

/** Which stream a line is sent on: a run's own, or the global one, where messages carry their cursor. */
export type StreamScope = 'run' | 'global';

/** What an entry holds: its lines, then its run-end if it has one. */
export function itemCount(entry: JournalEntry): number {
  return entry.lineCount + (entry.end ? 1 : 0);
}

/** The cursor after `seen` items of an entry. */
export function cursorInEntry(epoch: string, entry: JournalEntry, seen: number): string {
  return formatGlobalCursor(epoch, entry.position, seen >= itemCount(entry) ? 0 : seen);
}

/** The cursor after a line: in its entry where one is given, else in its run. */
export function cursorAfterLine(epoch: string, runKey: number, line: number, entry: JournalEntry | undefined): string {
  return entry ? cursorInEntry(epoch, entry, line - entry.firstLine + 1) : formatRunCursor(epoch, runKey, line);
}
