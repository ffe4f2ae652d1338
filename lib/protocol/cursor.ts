/**
 * Cursors: opaque to clients, `<epoch>-<kind><numbers>` inside.
 *
 *   k3v9q1x0-r17.42      after line 42 of the run with key 17
 *   k3v9q1x0-r17.42.1    after that run's first run-end, which followed line 42
 *   k3v9q1x0-g1007.0     after all of the journal up to its entry 1007
 *   k3v9q1x0-g1007.3     after 3 items of entry 1007 (its lines, then its run-end if it has one), of more
 *
 * The run's key is in a run cursor so that the cursor of a deleted run is foreign to a new one of the same id.
 */

export interface RunCursor {
  kind: 'run';
  epoch: string;
  runKey: number;
  /** The last line seen; 0 before the first. */
  line: number;
  /** The run-ends seen; absent where the last thing seen was a line. */
  ends?: number;
}

export interface GlobalCursor {
  kind: 'global';
  epoch: string;
  position: number;
  /** Items of that entry already seen; 0 where that is all of them. */
  index: number;
}

export type Cursor = RunCursor | GlobalCursor;

const RUN = /^([a-z0-9]{1,32})-r(\d{1,15})\.(\d{1,15})(?:\.(\d{1,9}))?$/;
const GLOBAL = /^([a-z0-9]{1,32})-g(\d{1,15})\.(\d{1,9})$/;
const LINE_NUMBER = /^\d{1,15}$/;

export function formatRunCursor(epoch: string, runKey: number, line: number, ends?: number): string {
  return ends === undefined ? `${epoch}-r${runKey}.${line}` : `${epoch}-r${runKey}.${line}.${ends}`;
}

export function formatGlobalCursor(epoch: string, position: number, index: number): string {
  return `${epoch}-g${position}.${index}`;
}

/** The cursor in a text, or undefined where it is none. */
export function parseCursor(text: string): Cursor | undefined {
  const run = RUN.exec(text);
  if (run) {
    const [, epoch = '', runKey, line, ends] = run;
    const cursor: RunCursor = { kind: 'run', epoch, runKey: Number(runKey), line: Number(line) };
    if (ends !== undefined) cursor.ends = Number(ends);
    return cursor;
  }
  const global = GLOBAL.exec(text);
  if (!global) return undefined;
  const [, epoch = '', position, index] = global;
  return { kind: 'global', epoch, position: Number(position), index: Number(index) };
}

/** A bare line number as `after` takes it on job endpoints, or undefined. */
export function parseLineNumber(text: string): number | undefined {
  return LINE_NUMBER.test(text) ? Number(text) : undefined;
}
