import { startBefore } from '@/components/log-viewer/around';
import { type AskedLines, keyOfAsked } from '@/components/log-viewer/find/asked-lines';
import type { InitialLines } from '@/components/log-viewer/log-source-options';
import { type FetchPage, linesAbove, pageAround, spanOfNewest, throughOf } from '@/components/log-viewer/match-pages';
import { rendered } from '@/components/runs/rendered-lines';
import { isStratalError } from '@/lib/errors/stratal-error';
import type { History } from '@/lib/protocol/api';
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
export async function readLines(store: Runtime['store'], head: Head, line: number | undefined): Promise<InitialLines> {
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
  };
}

/**
 * The newest lines that the viewer is asked for, or those around `line` where the run has it. Undefined where what is asked for is
 * refused, or they take long to find: the viewer tells.
 */
export async function readMatches(
  { rest, store }: Runtime,
  run: { id: string; head: Head },
  asked: AskedLines,
  line: number | undefined,
): Promise<InitialLines | undefined> {
  const { firstLine: first, lastLine: newest } = run.head;
  const signal = AbortSignal.timeout(MATCHING_MS);
  const fetch: FetchPage = (query) => {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...asked, ...query })) parameters.set(name, String(value));
    return rest.history(run.id, parameters, signal);
  };
  const isThere = line !== undefined && line <= newest;
  let found: { page: History; span: Span };
  try {
    found = isThere ? await readAround(line, first, asked, fetch) : await readNewest(asked, fetch);
  } catch (error) {
    if (signal.aborted || (isStratalError(error) && error.status < 500)) return undefined;
    throw error;
  }
  const { logs } = found.page;
  const lines = rendered(logs, RENDERED_CHARS_MAX, isThere ? line : undefined);
  const span = spanOf(lines, logs, found.span);
  const isEnd = span.through >= newest;
  const goesOn = isEnd ? span.through : newest;
  return {
    lines,
    first,
    after: startBefore(asked, first, goesOn) ?? formatRunCursor(store.epoch, run.head.key, goesOn),
    newest: isEnd ? undefined : newest,
    span,
    asked: keyOfAsked(asked),
  };
}

/** Lines that pass, from a number, exclusive, to another one. */
type Span = NonNullable<InitialLines['span']>;

async function readNewest(asked: AskedLines, fetch: FetchPage): Promise<{ page: History; span: Span }> {
  const page = await fetch({ tail: RENDERED_LINES });
  return { page, span: spanOfNewest(page, RENDERED_LINES, asked.context !== undefined) };
}

async function readAround(
  line: number,
  first: number,
  { context = 0 }: AskedLines,
  fetch: FetchPage,
): Promise<{ page: History; span: Span }> {
  const above = linesAbove(LINES_ABOVE, RENDERED_LINES, context);
  const { page, after } = await pageAround(line, above, first, RENDERED_LINES, fetch);
  return { page, span: { after, through: throughOf(page, after) } };
}

/** What is left of a page's span when some of its lines at the ends are left out. */
function spanOf(lines: readonly LogMessage[], all: readonly LogMessage[], { after, through }: Span): Span {
  const [first, last] = [lines[0]?.id, lines.at(-1)?.id];
  const above = all.findLast(({ id }) => first !== undefined && id < first);
  const below = all.find(({ id }) => last !== undefined && id > last);
  return { after: above?.id ?? after, through: below === undefined ? through : below.id - 1 };
}
