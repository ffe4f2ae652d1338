import type { StreamStatus } from '@/lib/protocol/api';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { resolveBaseUrl } from './base-url';
import type { ApiError, StreamError } from './client-errors';
import type { RunsQuery } from './log-streaming-service';
import type { ConnectionOptions } from './stream-options';

export interface RunWatcherOptions extends ConnectionOptions {
  /** The connection was restored and everything is watched again: fetch anew what may have changed meanwhile. */
  onReconnect?: () => void;
  onError?: (error: ApiError | StreamError) => void;
}

/** A watched run as it is now, with its tasks. */
export interface RunEvent {
  job_run: Run;
  task_runs: TaskRun[];
}

export class RunWatcher {
  readonly baseUrl: string;

  constructor(baseUrl?: string, _options: RunWatcherOptions = {}) {
    this.baseUrl = resolveBaseUrl(baseUrl);
  }

  /** Calls `onRuns` with runs that changed and that this page watches. Ends with the returned function. */
  watchRuns(_query: RunsQuery, _onRuns: (runs: Run[]) => void): () => void {
    return () => undefined;
  }

  watchRun(_jobRunId: string, _onRun: (event: RunEvent) => void): () => void {
    return () => undefined;
  }

  watchStatus(_onStatus: (status: StreamStatus) => void): () => void {
    return () => undefined;
  }

  /** Ends every watch of this watcher. */
  close(): void {}
}
