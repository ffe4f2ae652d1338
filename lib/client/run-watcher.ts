import type { StreamStatus } from '@/lib/protocol/api';
import { foldId } from '@/lib/protocol/ids';
import type { Run, TaskRun } from '@/lib/protocol/run';
import {
  runEventSchema,
  runsEventSchema,
  statusEventSchema,
  type WatchInput,
  watchAckSchema,
} from '@/lib/protocol/socket-io';
import { resolveBaseUrl } from './base-url';
import { callSafely } from './call-safely';
import { ApiError, StreamError, toProblem } from './client-errors';
import type { RunsQuery } from './log-streaming-service';
import { type SharedSocket, sharedSocket } from './shared-socket';
import type { ConnectionOptions } from './stream-options';

export interface RunWatcherOptions extends ConnectionOptions {
  /** The connection was restored and everything is watched again: fetch anew what may have changed meanwhile. */
  onReconnect?: () => void;
  /** Each lost connection, failed attempt, refusal and unreadable event. */
  onError?: (error: ApiError | StreamError) => void;
}

/** A watched run as it is now, with its tasks. */
export interface RunEvent {
  job_run: Run;
  task_runs: TaskRun[];
}

interface Watch {
  input: WatchInput;
  onEvent: (name: string, payload: unknown) => void;
  onWatching: (() => void) | undefined;
}

/**
 * News of runs and of the server for a page, over the connection that the page's `socketio` streams share. It connects with
 * the first watch and frees everything with the last.
 *
 * `onWatching` is called when the server has taken the watch, at first and after each reconnection: what was fetched before
 * may be out of date, what is fetched from then on is kept up.
 */
export class RunWatcher {
  readonly baseUrl: string;
  readonly #options: RunWatcherOptions;
  readonly #watches = new Set<Watch>();
  #socket: SharedSocket | undefined;
  #release: (() => void) | undefined;
  #wasUp = false;

  /** @param baseUrl the server's address; default: the page's own in browsers, http://localhost:8080 elsewhere */
  constructor(baseUrl?: string, options: RunWatcherOptions = {}) {
    this.baseUrl = resolveBaseUrl(baseUrl);
    this.#options = options;
  }

  /**
   * Calls `onRuns` with runs that changed. One may not fit the query (any more), or belong to another list that this page
   * watches. Returns how to stop.
   */
  watchRuns(query: RunsQuery, onRuns: (runs: Run[]) => void, onWatching?: () => void): () => void {
    const runs: Record<string, string | number> = {};
    for (const [name, value] of Object.entries(query)) if (value !== undefined) runs[name] = value;
    return this.#watch({ runs }, onWatching, (name, payload) => {
      if (name !== 'runs') return;
      const parsed = runsEventSchema.safeParse(payload);
      if (parsed.success) callSafely(() => onRuns(parsed.data.job_runs));
      else this.#malformed(parsed.error);
    });
  }

  /** Calls `onRun` whenever the run or one of its tasks changed. Returns how to stop. */
  watchRun(jobRunId: string, onRun: (event: RunEvent) => void, onWatching?: () => void): () => void {
    const id = foldId(jobRunId);
    return this.#watch({ run: id }, onWatching, (name, payload) => {
      if (name !== 'run') return;
      const parsed = runEventSchema.safeParse(payload);
      if (!parsed.success) this.#malformed(parsed.error);
      else if (parsed.data.job_run.id === id) callSafely(() => onRun(parsed.data));
    });
  }

  /** Calls `onStatus` with the server's open connections, whenever they changed. Returns how to stop. */
  watchStatus(onStatus: (status: StreamStatus) => void, onWatching?: () => void): () => void {
    return this.#watch({ status: true }, onWatching, (name, payload) => {
      if (name !== 'status') return;
      const parsed = statusEventSchema.safeParse(payload);
      if (parsed.success) callSafely(() => onStatus(parsed.data));
      else this.#malformed(parsed.error);
    });
  }

  /** Ends every watch of this watcher. */
  close(): void {
    const socket = this.#socket;
    if (socket) for (const watch of [...this.#watches]) this.#end(watch, socket);
  }

  #watch(input: WatchInput, onWatching: (() => void) | undefined, onEvent: Watch['onEvent']): () => void {
    const watch: Watch = { input, onEvent, onWatching };
    this.#watches.add(watch);
    const socket = this.#socket ?? sharedSocket(this.baseUrl, this.#options);
    this.#socket = socket;
    socket.countWatch(input, 1);
    this.#release ??= socket.lease({
      onUp: () => this.#up(socket),
      onDown: (closing) => {
        if ('error' in closing && closing.error) this.#fail(closing.error);
      },
      onEvent: (name, payload) => {
        for (const { onEvent } of [...this.#watches]) onEvent(name, payload);
      },
    });
    if (socket.isUp) this.#begin(socket, watch, () => undefined);
    return () => this.#end(watch, socket);
  }

  #up(socket: SharedSocket): void {
    const isReconnect = this.#wasUp;
    this.#wasUp = true;
    let unanswered = this.#watches.size;
    const onAnswered = (): void => {
      unanswered -= 1;
      if (unanswered === 0 && isReconnect) callSafely(() => this.#options.onReconnect?.());
    };
    for (const watch of [...this.#watches]) this.#begin(socket, watch, onAnswered);
  }

  #begin(socket: SharedSocket, watch: Watch, onAnswered: () => void): void {
    this.#wasUp = true;
    socket.send('watch', watch.input, (answer) => {
      if (this.#watches.has(watch)) this.#onAnswer(watch, answer);
      onAnswered();
    });
  }

  #onAnswer({ onWatching }: Watch, answer: unknown): void {
    const parsed = watchAckSchema.safeParse(answer);
    if (!parsed.success) this.#malformed(parsed.error);
    else if ('code' in parsed.data) this.#fail(new ApiError(toProblem(503, parsed.data)));
    else if (onWatching) callSafely(onWatching);
  }

  #end(watch: Watch, socket: SharedSocket): void {
    if (!this.#watches.delete(watch)) return;
    if (socket.countWatch(watch.input, -1) === 0) socket.send('unwatch', watch.input);
    if (this.#watches.size > 0) return;
    this.#release?.();
    this.#release = undefined;
    this.#socket = undefined;
    this.#wasUp = false;
  }

  #malformed(cause: unknown): void {
    this.#fail(new StreamError('malformed', 'News of the server could not be read.', cause));
  }

  #fail(error: ApiError | StreamError): void {
    callSafely(() => this.#options.onError?.(error));
  }
}
