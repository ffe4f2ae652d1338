import { setMaxListeners } from 'node:events';
import { z } from 'zod';
import { StratalError } from '@/lib/errors/stratal-error';
import type { Facets, GroupsAtLine, History, RunList, TaskList, Volume } from '@/lib/protocol/api';
import { foldId, isId } from '@/lib/protocol/ids';
import { type Run, statusSchema, type TaskRun } from '@/lib/protocol/run';
import { storableText } from '@/lib/protocol/storable-text';
import type { LogStore, RunListQuery } from '@/lib/store/store';
import { type Download, openDownload } from './download';
import { parseDownloadQuery } from './download-query';
import {
  readHistory,
  readHistoryPage,
  readTaskHistoryPage,
  requireRun,
  requireTasks,
  type WaitForLine,
} from './history';
import { toHistoryJson } from './history-page';
import { parseHistoryQuery, parseParameters, timeParameter, wholeNumber } from './history-query';
import { openSearch, type Search } from './search';
import { parseSearchQuery } from './search-query';
import { parseVolumeQuery } from './volume-query';

const LIST_LIMIT_MAX = 200;
const limit = wholeNumber(1, LIST_LIMIT_MAX).default(50);

const statusSet = z.string().transform((text, context) => {
  const parsed = z.array(statusSchema).safeParse(text.split(',').map((word) => word.trim()));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: `must be of ${statusSchema.options.join(', ')}, separated by commas` });
  return z.NEVER;
});
const runListSchema = z.object({
  status: statusSet.optional(),
  q: storableText(1, 256).optional(),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit,
  after: z.string().optional(),
});
const groupsSchema = z.object({ at: wholeNumber(1, Number.MAX_SAFE_INTEGER) });
const taskListSchema = z.object({ job_run_id: z.string().optional(), limit, after: z.string().optional() });

/** The parameters of GET /job-runs. */
export function parseRunListQuery(parameters: URLSearchParams, jobs: RunListQuery['jobs']): RunListQuery {
  const { from, to, ...rest } = parseParameters(runListSchema, parameters);
  return { ...rest, fromUs: from, toUs: to, jobs };
}

/** What the REST handlers read, parsed from URL parameters to answers. Every method throws StratalError alone. */
export class RestApi {
  readonly #store: LogStore;
  readonly #waitForLine: WaitForLine;
  readonly #draining = new AbortController();

  constructor(store: LogStore, waitForLine: WaitForLine) {
    // Any number of requests wait; Node would call more than ten a leak.
    setMaxListeners(0, this.#draining.signal);
    this.#store = store;
    this.#waitForLine = waitForLine;
  }

  /** Ends long polling, so that a stop need not wait for it. */
  drain(): void {
    this.#draining.abort();
  }

  history(runId: string, parameters: URLSearchParams, signal: AbortSignal): Promise<History> {
    return readHistory(this.#history, knownRunId(runId), parseHistoryQuery(parameters), signal);
  }

  /** The same as the bytes of its JSON. */
  async historyJson(runId: string, parameters: URLSearchParams, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const query = parseHistoryQuery(parameters);
    return toHistoryJson(await readHistoryPage(this.#history, knownRunId(runId), query, signal));
  }

  async taskHistoryJson(
    taskId: string,
    parameters: URLSearchParams,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const query = parseHistoryQuery(parameters);
    return toHistoryJson(await readTaskHistoryPage(this.#history, knownTaskId(taskId), query, signal));
  }

  download(runId: string, parameters: URLSearchParams, acceptsGzip: boolean): Promise<Download> {
    return openDownload(
      this.#store,
      knownRunId(runId),
      parseDownloadQuery(parameters),
      acceptsGzip,
      this.#draining.signal,
    );
  }

  search(runId: string, parameters: URLSearchParams): Promise<Search> {
    return openSearch(this.#store, knownRunId(runId), parseSearchQuery(parameters), this.#draining.signal);
  }

  async volume(runId: string, parameters: URLSearchParams, signal: AbortSignal): Promise<Volume> {
    const query = parseVolumeQuery(parameters);
    const run = await requireRun(this.#store, knownRunId(runId));
    await requireTasks(this.#store, query.filter, run.id);
    return this.#store.volume({ run, ...query }, signal);
  }

  async facets(runId: string): Promise<Facets> {
    return this.#store.facets(await requireRun(this.#store, knownRunId(runId)));
  }

  async groups(runId: string, parameters: URLSearchParams, signal: AbortSignal): Promise<GroupsAtLine> {
    const { at } = parseParameters(groupsSchema, parameters);
    return this.#store.groupsAt(await requireRun(this.#store, knownRunId(runId)), at, signal);
  }

  async run(runId: string): Promise<Run> {
    const run = await this.#store.readRun(knownRunId(runId));
    if (!run) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${runId}.`);
    return run;
  }

  /** `jobs`: those that the asker may see. */
  async runs(parameters: URLSearchParams, jobs: RunListQuery['jobs']): Promise<RunList> {
    const { runs, next } = await this.#store.listRuns(parseRunListQuery(parameters, jobs));
    return { job_runs: runs, next };
  }

  async task(taskId: string): Promise<TaskRun> {
    const task = await this.#store.readTask(knownTaskId(taskId));
    if (!task) throw new StratalError('STRATAL_NO_TASK', `There is no task run ${taskId}.`);
    return task;
  }

  async tasks(parameters: URLSearchParams): Promise<TaskList> {
    const { job_run_id: runId, limit, after } = parseParameters(taskListSchema, parameters);
    if (runId !== undefined) await requireRun(this.#store, knownRunId(runId));
    const { tasks, next } = await this.#store.listTasks({ runId: runId && foldId(runId), limit, after });
    return { task_runs: tasks, next };
  }

  get #history() {
    return { store: this.#store, waitForLine: this.#waitForLine, draining: this.#draining.signal };
  }
}

/** An id that breaks the pattern names nothing, so where it is read it is unknown. */
function knownRunId(id: string): string {
  if (!isId(id)) throw new StratalError('STRATAL_NO_RUN', 'There is no job run of this id: it is not a valid one.');
  return foldId(id);
}

function knownTaskId(id: string): string {
  if (!isId(id)) throw new StratalError('STRATAL_NO_TASK', 'There is no task run of this id: it is not a valid one.');
  return foldId(id);
}
