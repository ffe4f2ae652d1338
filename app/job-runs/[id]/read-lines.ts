import type { AskedLines } from '@/components/log-viewer/find/asked-lines';
import { spanOfNewest, throughOf } from '@/components/log-viewer/match-pages';
import { keyOfAsked, type RenderedLines, rendered } from '@/components/runs/rendered-lines';
import { isStratalError } from '@/lib/errors/stratal-error';
import type { History } from '@/lib/protocol/api';
import { TRACE_LINES_MAX } from '@/lib/protocol/continuation';
import { formatRunCursor } from '@/lib/protocol/cursor';
import { PAGE_LINES_SURE } from '@/lib/protocol/limits';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { Runtime } from '@/lib/runtime-handle';

/** Lines that the server renders: more than fit a screen, few enough to be sent at once. */
const RENDERED_LINES = 200;
/** Of these, lines above a line that the address names. */
const LINES_ABOVE = 100;
/** UTF-16 units of text that the server renders at most: what a program prints is parsed, laid out and sent twice. */
const RENDERED_CHARS_MAX = 256 * 1024;
/** Matches that take longer to find are left to the viewer, which tells that it is looking. */
const MATCHING_MS = 1000;

type Head = NonNullable<Awaited<ReturnType<Runtime['store']['runHead']>>>;

/** The newest lines of a run, or those around `line` where the run has it. */
export async function readLines(store: Runtime['store'], head: Head, line: number | undefined): Promise<RenderedLines> {
  const isThere = line !== undefined && line <= head.lastLine;
  const read = (start: Parameters<typeof store.readPage>[0]['start']) =>
    store.readPage({ run: head, start, limit: RENDERED_LINES, filter: {} });
  const readAfter = (after: number) => read({ kind: 'after', line: Math.max(0, after) });
  let page = isThere
    ? await readAfter(Math.min(line - 1 - LINES_ABOVE, head.lastLine - RENDERED_LINES))
    : await read({ kind: 'tail', count: RENDERED_LINES });
  // Lines above may be so long that the page ends before the one it is to show.
  if (isThere && page.lastSeen < line) page = await readAfter(line - PAGE_LINES_SURE);
  const found = page.lines.map(({ batch, index }) => batch.toLogMessage(index));
  const lines = rendered(found, RENDERED_CHARS_MAX, isThere ? line : undefined);
  const lastLine = lines.at(-1)?.id ?? page.lastSeen;
  const newest = Math.max(lastLine, page.head.lastLine);
  return {
    lines,
    first: page.head.firstLine,
    after: formatRunCursor(store.epoch, head.key, isThere ? newest : lastLine),
    newest: isThere && newest > lastLine ? newest : undefined,
    asked: keyOfAsked({}),
  };
}

/**
 * The newest lines that the viewer is asked for, or those from some above `line` on. Undefined where the filter has a fault, or they
 * take long to find: the viewer tells.
 */
export async function readMatches(
  { rest, store }: Runtime,
  run: { id: string; head: Head },
  asked: AskedLines,
  line: number | undefined,
): Promise<RenderedLines | undefined> {
  const { firstLine, lastLine: newest } = run.head;
  const from = line !== undefined && line <= newest ? Math.max(firstLine, line - LINES_ABOVE) - 1 : undefined;
  const start = from === undefined ? { tail: RENDERED_LINES } : { after: from, limit: RENDERED_LINES };
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...asked, ...start })) parameters.set(name, String(value));
  const page = await readHistory(rest, run.id, parameters);
  if (!page) return undefined;

  const isAround = asked.context !== undefined || asked.traces === true;
  const whole =
    from === undefined
      ? spanOfNewest(page, RENDERED_LINES, asked.context !== undefined)
      : { after: from, through: throughOf(page, from) };
  const lines = rendered(page.logs, RENDERED_CHARS_MAX, from === undefined ? undefined : line);
  const span = spanOf(lines, page.logs, whole);
  const isEnd = span.through >= newest;
  const goesOn = isEnd ? span.through : newest;
  return {
    lines,
    first: firstLine,
    // Where others come with a match the stream has them all, and begins so far back that they are in it.
    after: isAround
      ? Math.max(0, firstLine - 1, goesOn - (asked.context ?? TRACE_LINES_MAX))
      : formatRunCursor(store.epoch, run.head.key, goesOn),
    newest: isEnd ? undefined : newest,
    span,
    asked: keyOfAsked(asked),
  };
}

/** Undefined where what is asked for is refused, or was not found in time. */
async function readHistory(
  rest: Runtime['rest'],
  runId: string,
  parameters: URLSearchParams,
): Promise<History | undefined> {
  const signal = AbortSignal.timeout(MATCHING_MS);
  try {
    return await rest.history(runId, parameters, signal);
  } catch (error) {
    if (signal.aborted || isStratalError(error)) return undefined;
    throw error;
  }
}

/** What is left of a page's span when some of its lines at the ends are left out. */
function spanOf(
  lines: readonly LogMessage[],
  all: readonly LogMessage[],
  { after, through }: { after: number; through: number },
): { after: number; through: number } {
  const [first, last] = [lines[0]?.id, lines.at(-1)?.id];
  const above = all.findLast(({ id }) => first !== undefined && id < first);
  const below = all.find(({ id }) => last !== undefined && id > last);
  return { after: above?.id ?? after, through: below === undefined ? through : below.id - 1 };
}
