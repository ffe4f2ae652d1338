import { StratalError } from '@/lib/errors/stratal-error';
import type { History } from '@/lib/protocol/api';
import type { LineFilter } from '@/lib/protocol/filter';
import { isId } from '@/lib/protocol/ids';
import type { LogStore, PageStart, RunHead } from '@/lib/store/store';
import { type HistoryPage, hasEnded, toHistory, toHistoryPage } from './history-page';
import type { HistoryQuery, HistoryStart } from './history-query';
import { asksForAll, refuseTruncated, resumePoint } from './resume-point';

type HistoryStore = Pick<LogStore, 'epoch' | 'runHead' | 'readTask' | 'readPage'>;

/** Resolves when the run has a line after `line`, or has ended, or the signal aborts. */
export type WaitForLine = (head: RunHead, line: number, signal: AbortSignal) => Promise<void>;

export interface HistoryContext {
  store: HistoryStore;
  waitForLine: WaitForLine;
  /** Aborts when the server stops: who waits is answered with what there is. */
  draining: AbortSignal;
}

/** A page of a run's lines as GET /logs/job-runs/{id} answers it. */
export async function readHistory(
  context: HistoryContext,
  runId: string,
  query: HistoryQuery,
  signal: AbortSignal,
): Promise<History> {
  return toHistory(await readHistoryPage(context, runId, query, signal));
}

/** The same before it is written out. */
export async function readHistoryPage(
  context: HistoryContext,
  runId: string,
  query: HistoryQuery,
  signal: AbortSignal,
): Promise<HistoryPage> {
  const { store } = context;
  const head = await requireRun(store, runId);
  await requireTasks(store, query.filter, runId);
  const start = toPageStart(query.start, head, store.epoch);
  const isForAll = query.start.kind === 'after' && asksForAll(query.start.after);
  const read = async (from: PageStart) => {
    const { limit, filter, around } = query;
    const page = await store.readPage({ run: head, start: from, limit, filter, around, signal });
    // Retention may have come between the look at the head and this.
    if (from.kind === 'after' && !(isForAll && from.line === 0)) refuseTruncated(from.line, page.head, store.epoch);
    return page;
  };
  let page = await read(start);
  if (query.waitMs === 0) return toHistoryPage(page, query.limit, store.epoch);
  const over = firstOf([signal, context.draining], query.waitMs);
  try {
    while (page.lines.length === 0 && !hasEnded(page) && !over.signal.aborted) {
      await context.waitForLine(page.head, page.lastSeen, over.signal);
      page = await read({ kind: 'after', line: page.lastSeen });
    }
  } finally {
    over.release();
  }
  return toHistoryPage(page, query.limit, store.epoch);
}

/** Aborts with the first of the signals, or after a time. `AbortSignal.any` would leave something at a signal that never aborts. */
function firstOf(sources: readonly AbortSignal[], timeoutMs: number): { signal: AbortSignal; release(): void } {
  const over = new AbortController();
  const abort = () => over.abort();
  const timer = setTimeout(abort, timeoutMs);
  for (const source of sources) {
    if (source.aborted) abort();
    else source.addEventListener('abort', abort);
  }
  const release = () => {
    clearTimeout(timer);
    for (const source of sources) source.removeEventListener('abort', abort);
  };
  return { signal: over.signal, release };
}

/** The lines of one task, in the run's numbers. */
export async function readTaskHistoryPage(
  context: HistoryContext,
  taskId: string,
  query: HistoryQuery,
  signal: AbortSignal,
): Promise<HistoryPage> {
  const task = await context.store.readTask(taskId);
  if (!task) throw new StratalError('STRATAL_NO_TASK', `There is no task run ${taskId}.`);
  const filter: LineFilter = { ...query.filter, taskRunIds: new Set([task.id]) };
  return readHistoryPage(context, task.job_run_id, { ...query, filter }, signal);
}

/** The run's head; STRATAL_NO_RUN where there is none. */
export async function requireRun(store: Pick<LogStore, 'runHead'>, runId: string): Promise<RunHead> {
  const head = await store.runHead(runId);
  if (!head) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${runId}.`);
  return head;
}

/** Refuses a filter that names tasks which do not exist (404) or are another run's (400). */
export async function requireTasks(
  store: Pick<LogStore, 'readTask'>,
  filter: LineFilter,
  runId: string,
): Promise<void> {
  for (const id of filter.taskRunIds ?? []) {
    // An id that breaks the pattern names nothing, and may hold what the database does not take.
    const task = isId(id) ? await store.readTask(id) : undefined;
    if (!task) throw new StratalError('STRATAL_NO_TASK', `There is no task run ${id.slice(0, 200)}.`);
    if (task.job_run_id === runId) continue;
    throw new StratalError('STRATAL_BAD_PARAMETER', `task_run_id: ${id} belongs to another job run.`, {
      members: { field: 'task_run_id' },
    });
  }
}

function toPageStart(start: HistoryStart, head: RunHead, epoch: string): PageStart {
  return start.kind === 'after' ? { kind: 'after', line: resumePoint(start.after, head, epoch) } : start;
}
