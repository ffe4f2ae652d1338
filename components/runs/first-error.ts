import type { LogMessage } from '@/lib/protocol/log-message';

/** Lines shown before and after the first error. */
const ERROR_CONTEXT_LINES = 3;

/** A failed run's first error line, with the lines around it. */
export interface FirstError {
  /** Its number. */
  line: number;
  /** Ascending, the error among them. */
  lines: readonly LogMessage[];
}

/** Where the page of lines around a line begins: the number of the line before it. */
export function contextStart(line: number, firstLine: number): number {
  return Math.max(firstLine, line - ERROR_CONTEXT_LINES) - 1;
}

/** Lines of a page that begins after `contextStart`. */
export function contextLength(line: number, firstLine: number): number {
  return line - contextStart(line, firstLine) + ERROR_CONTEXT_LINES;
}
