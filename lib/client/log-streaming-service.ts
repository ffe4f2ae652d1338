import {
  type Facets,
  facetsSchema,
  type GroupsAtLine,
  groupsSchema,
  type History,
  historySchema,
  type RunList,
  runListSchema,
  type SearchLine,
  type StreamStatus,
  searchLineSchema,
  streamStatusSchema,
  type TaskList,
  taskListSchema,
  type Volume,
  volumeSchema,
} from '@/lib/protocol/api';
import type { FilterParameters } from '@/lib/protocol/filter';
import { type Run, runSchema } from '@/lib/protocol/run';
import { getJson, getJsonLines, type RequestOptions } from './api-request';
import { apiUrl, resolveBaseUrl } from './base-url';
import type { StreamOptions } from './stream-options';
import { LogStreamer } from './streamer';

/** A page of lines: one of `offset`, `after`, `tail` and `at`, and a filter. */
export interface HistoryQuery extends FilterParameters {
  /** 1 to 1000. @defaultValue 100 */
  limit?: number;
  offset?: number;
  /** A cursor or a line number. */
  after?: string | number;
  /** The newest N lines, 1 to 1000. */
  tail?: number;
  /** The lines from this RFC 3339 time on. */
  at?: string;
  /** Under a filter: so many lines before and after each match come with it, 0 to 50. */
  context?: number;
  /** Under a filter: the rest of a stack trace comes with each match in it. */
  traces?: boolean;
  /** With `after`: how many seconds to wait for a line, 1 to 25. */
  wait?: number;
}

/** How a run's lines are counted over time. Text is no part of it: `q` is refused. */
export interface VolumeQuery extends Omit<FilterParameters, 'q' | 'case'> {
  /** Stretches of time at most, 1 to 1000. @defaultValue 100 */
  buckets?: number;
}

export interface RunsQuery {
  /** One status, or several with commas between. */
  status?: string;
  /** A part of the job name or the id. */
  q?: string;
  from?: string;
  to?: string;
  /** 1 to 200. @defaultValue 50 */
  limit?: number;
  /** `next` of the page before. */
  after?: string;
}

export interface SearchQuery extends FilterParameters {
  /** Matches after which the search stops, 1 to 1,000,000. @defaultValue 1000 */
  limit?: number;
  /** A cursor or a line number to begin after. */
  after?: string | number;
}

export interface TasksQuery {
  /** 1 to 200. @defaultValue 50 */
  limit?: number;
  /** `next` of the page before. */
  after?: string | undefined;
}

export interface DownloadParameters extends FilterParameters {
  /** @defaultValue 'text' */
  format?: 'text' | 'raw' | 'ndjson';
  /** YYYY-MM-DD, a day in UTC. */
  date?: string;
  /** A range of lines, such as `120-134`. */
  lines?: string;
  /** Under a filter: so many lines before and after each match come with it, 0 to 50. */
  context?: number;
  /** Under a filter: the rest of a stack trace comes with each match in it. */
  traces?: boolean;
  compress?: 'gzip';
  /** Shown by the browser instead of saved. */
  inline?: boolean;
}

/**
 * A Stratal server, for browsers and Node: live streams and what is stored. Options given here hold for every stream; a
 * stream's own options go before them. Reads throw ApiError (the server's answer) or StreamError (no answer).
 *
 * @example
 * const service = new LogStreamingService();
 * const streamer = service.streamJobRunLogs('abc-123', { onMessage: (log) => console.log(log.message) });
 */
export class LogStreamingService {
  readonly baseUrl: string;
  readonly #options: StreamOptions;

  /** @param baseUrl the server's address; default: the page's own in browsers, http://localhost:8080 elsewhere */
  constructor(baseUrl?: string, options: StreamOptions = {}) {
    this.baseUrl = resolveBaseUrl(baseUrl);
    this.#options = options;
  }

  /** Follows one run from its first line (or `after`, or `tail`) to its end. The stream is connecting on return. */
  streamJobRunLogs(jobRunId: string, options: StreamOptions = {}): LogStreamer {
    return this.#stream({ ...options, jobRunId });
  }

  /** Follows all runs from now on (or `after`, or `tail`). The stream is connecting on return. */
  streamAllLogs(options: StreamOptions = {}): LogStreamer {
    return this.#stream(options);
  }

  #stream(options: StreamOptions & { jobRunId?: string }): LogStreamer {
    const streamer = new LogStreamer({ ...this.#options, ...options, baseUrl: this.baseUrl });
    streamer.connect();
    return streamer;
  }

  /** The server's open connections. */
  getStreamingStatus(options?: RequestOptions): Promise<StreamStatus> {
    return getJson(apiUrl(this.baseUrl, '/logs/stream/status'), streamStatusSchema, this.#options, options);
  }

  /** A page of a run's lines, ascending. */
  fetchHistory(jobRunId: string, query: HistoryQuery = {}, options?: RequestOptions): Promise<History> {
    const url = apiUrl(this.baseUrl, `/logs/job-runs/${encodeURIComponent(jobRunId)}`, { ...query });
    return getJson(url, historySchema, this.#options, options);
  }

  /** A page of a task run's lines; their ids are the run's line numbers. */
  fetchTaskHistory(taskRunId: string, query: HistoryQuery = {}, options?: RequestOptions): Promise<History> {
    const url = apiUrl(this.baseUrl, `/logs/task-runs/${encodeURIComponent(taskRunId)}`, { ...query });
    return getJson(url, historySchema, this.#options, options);
  }

  /** How many lines a run has per level, stream and task. */
  fetchFacets(jobRunId: string, options?: RequestOptions): Promise<Facets> {
    const url = apiUrl(this.baseUrl, `/logs/job-runs/${encodeURIComponent(jobRunId)}/facets`);
    return getJson(url, facetsSchema, this.#options, options);
  }

  /** The groups of lines that are open at a line, with what is in them over the whole run. */
  fetchGroups(jobRunId: string, at: number, options?: RequestOptions): Promise<GroupsAtLine> {
    const url = apiUrl(this.baseUrl, `/logs/job-runs/${encodeURIComponent(jobRunId)}/groups`, { at });
    return getJson(url, groupsSchema, this.#options, options);
  }

  /**
   * Looks through a run's lines on the server and gives what it finds, how far it has looked, and one end. Leaving the
   * loop, or the signal, ends the search on the server too.
   */
  async *search(jobRunId: string, query: SearchQuery, options?: RequestOptions): AsyncGenerator<SearchLine> {
    const url = apiUrl(this.baseUrl, `/logs/job-runs/${encodeURIComponent(jobRunId)}/search`, { ...query });
    yield* getJsonLines(url, searchLineSchema, this.#options, options);
  }

  /** How many lines of each level a run has in equal stretches of time. */
  fetchVolume(jobRunId: string, query: VolumeQuery = {}, options?: RequestOptions): Promise<Volume> {
    const url = apiUrl(this.baseUrl, `/logs/job-runs/${encodeURIComponent(jobRunId)}/volume`, { ...query });
    return getJson(url, volumeSchema, this.#options, options);
  }

  /** A page of runs, newest first; `next` continues it. */
  fetchRuns(query: RunsQuery = {}, options?: RequestOptions): Promise<RunList> {
    return getJson(apiUrl(this.baseUrl, '/job-runs', { ...query }), runListSchema, this.#options, options);
  }

  fetchRun(jobRunId: string, options?: RequestOptions): Promise<Run> {
    const url = apiUrl(this.baseUrl, `/job-runs/${encodeURIComponent(jobRunId)}`);
    return getJson(url, runSchema, this.#options, options);
  }

  /** A page of the tasks of a run, each attempt on its own, in the order in which they were made; `next` continues it. */
  fetchTasks(jobRunId: string, options: RequestOptions & TasksQuery = {}): Promise<TaskList> {
    const { limit, after, ...rest } = options;
    const url = apiUrl(this.baseUrl, '/task-runs', { job_run_id: jobRunId, limit, after });
    return getJson(url, taskListSchema, this.#options, rest);
  }

  /** Where a run's log file is. */
  downloadUrl(jobRunId: string, parameters: DownloadParameters = {}): string {
    const { inline, ...rest } = parameters;
    const path = `/logs/job-runs/${encodeURIComponent(jobRunId)}/download`;
    return apiUrl(this.baseUrl, path, { ...rest, inline: inline === true ? 1 : undefined });
  }
}
