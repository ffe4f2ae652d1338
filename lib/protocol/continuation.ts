import { stripAnsi } from '@/lib/terminal/strip-ansi';
import type { LogMessage } from './log-message';

/** Lines of a stack trace on each side of one of them that stay together with it under a filter. */
export const TRACE_LINES_MAX = 200;
/** Lines of other tasks and streams that may stand within a trace. */
export const FOREIGN_LINES_MAX = 50;
/** The lines of a trace that come with a match are no farther from it, in lines of the run. */
export const TRACE_SPAN = TRACE_LINES_MAX + FOREIGN_LINES_MAX;

/** A trace shows what it is within so many lines; what does not by then is a list, a table, a file. */
export const PLAIN_LINES_MAX = 20;

/** What tells whether a line goes on with another. */
export type ContinuingLine = Pick<LogMessage, 'task_run_id' | 'stream' | 'timestamp' | 'message' | 'continues'>;

/** A program writes the lines of a trace at once; a line this much later is another matter. */
const TRACE_MS_MAX = 2000;

const INDENTED = /^(?:\t| {2,}|\s+at )\s*\S/;
/** Lines of traces: Java, JavaScript and .NET; Python; Ruby; Go; Rust. */
const FRAME =
  /^\s+(?:at\s|\.\.\. \d+ (?:more|common frames)|File ".*", line \d+|from \S+:\d+|\d+: (?:0x[\da-f]+ - )?\S+)|^\t\S+\.go:\d+/;
const JOINT =
  /^(?:\s*(?:Caused by|Suppressed|Wrapped by): |--- End of (?:inner exception )?stack trace|During handling of the above exception|The above exception was the direct cause|goroutine \d+ \[)/;
/** What ends a trace of Python, and an object that JavaScript prints below one. */
const PYTHON_END = /^[\w.]*(?:Error|Exception|Warning|Interrupt|Exit)(?::|$)/;
const CLOSING = /^[}\])]+[,;]?$/;
const GO_CALL = /^[\w./*()-]+\(.*\)$/;

/** What tells a line's kind: no frame is longer, and the expressions above take their time over what is. */
function beginning(message: string): string {
  return stripAnsi(message.slice(0, 2000)).slice(0, 500);
}

/** True for a line of a stack trace that is nothing without the lines above it. */
export function isTraceLine(message: string): boolean {
  const text = beginning(message);
  return FRAME.test(text) || JOINT.test(text);
}

/**
 * True where a line goes on with what the one before it says: a part of the same long line, a frame or a cause of a stack
 * trace, or an indented line below. Both are of the same task and stream, and of nearly the same time.
 */
export function isContinuation(line: ContinuingLine, before: ContinuingLine): boolean {
  if (line.task_run_id !== before.task_run_id || line.stream !== before.stream) return false;
  if (before.continues) return true;
  if (Date.parse(line.timestamp) - Date.parse(before.timestamp) > TRACE_MS_MAX) return false;
  const text = beginning(line.message);
  if (INDENTED.test(text) || JOINT.test(text)) return true;
  const above = beginning(before.message);
  if (INDENTED.test(above)) return isPythonEnd(text, above) || CLOSING.test(text) || GO_CALL.test(text);
  return above.startsWith('goroutine ') && GO_CALL.test(text);
}

/** Above its error Python prints a frame or the source of one, indented by four or more; a list or a file of settings is no trace. */
function isPythonEnd(text: string, above: string): boolean {
  return (above.startsWith('    ') || FRAME.test(above)) && PYTHON_END.test(text);
}
