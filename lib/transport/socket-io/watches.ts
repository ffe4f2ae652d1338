import type { Authorize } from '@/lib/auth/authorize';
import { fromZodError } from '@/lib/errors/bad-parameter';
import { StratalError } from '@/lib/errors/stratal-error';
import { type WatchInput, watchSchema } from '@/lib/protocol/socket-io';
import { credentialOf } from '@/lib/transport/access';
import { parseRunListQuery } from '@/lib/transport/rest/rest-api';
import type { RunWatch } from '@/lib/transport/run-watch';
import { ChangedRuns } from './changed-runs';
import type { LogSocket } from './log-socket';
import type { NewestNews } from './newest-news';
import type { StatusWatch } from './status-watch';

/** Watches of one connection at most. */
const WATCHES_MAX = 64;

export interface WatchesOptions {
  runWatch: RunWatch;
  statusWatch: StatusWatch;
  authorize: Authorize;
  news: NewestNews;
}

/** What one socket watches besides its streams: lists of runs, single runs, the server's status. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #socket: LogSocket;
  readonly #stops = new Map<string, () => void>();
  #isOver = false;

  constructor(options: WatchesOptions, socket: LogSocket) {
    this.#options = options;
    this.#socket = socket;
  }

  /** Settles when the watch is taken: what the client reads from then on is kept up. The same watch again changes nothing. */
  async watch(input: unknown): Promise<void> {
    const wanted = parseWatch(input);
    const key = JSON.stringify(wanted);
    if (this.#stops.has(key)) return;
    if (this.#stops.size >= WATCHES_MAX) {
      throw new StratalError(
        'STRATAL_BAD_PARAMETER',
        `A connection has at most ${WATCHES_MAX} watches; end some first.`,
      );
    }
    const pending = () => {};
    this.#stops.set(key, pending);
    // It may have been ended meanwhile, and begun anew by a later call.
    const isWanted = () => !this.#isOver && this.#stops.get(key) === pending;
    try {
      const stop = await this.#begin(wanted);
      if (isWanted()) this.#stops.set(key, stop);
      else stop();
    } catch (error) {
      if (isWanted()) this.#stops.delete(key);
      throw error;
    }
  }

  unwatch(input: unknown): void {
    const key = JSON.stringify(parseWatch(input));
    const stop = this.#stops.get(key);
    this.#stops.delete(key);
    stop?.();
  }

  stopAll(): void {
    this.#isOver = true;
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }

  async #begin(wanted: WatchInput): Promise<() => void> {
    const { runWatch, statusWatch, authorize, news } = this.#options;
    const key = `watch ${JSON.stringify(wanted)}`;
    const run = 'run' in wanted ? wanted.run : undefined;
    const { jobs } = authorize(credentialOf(this.#socket.request), 'read', run);
    if ('status' in wanted) {
      return statusWatch.watch((status) => news.send(key, () => this.#socket.emit('status', status)));
    }
    if ('runs' in wanted) {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(wanted.runs)) parameters.set(name, String(value));
      const query = parseRunListQuery(parameters, jobs);
      const changed = new ChangedRuns(this.#socket, news, key);
      return runWatch.watchList(query, (runs) => changed.tell(runs));
    }
    const stop = await runWatch.watchRun(wanted.run, (run, tasks) =>
      news.send(key, () => this.#socket.emit('run', { job_run: run, task_runs: tasks })),
    );
    if (stop) return stop;
    throw new StratalError('STRATAL_NO_RUN', `There is no job run ${wanted.run}.`);
  }
}

function parseWatch(input: unknown): WatchInput {
  const parsed = watchSchema.safeParse(input);
  if (!parsed.success) throw fromZodError(parsed.error);
  if (!('runs' in parsed.data)) return parsed.data;
  return { runs: Object.fromEntries(Object.entries(parsed.data.runs).sort(([a], [b]) => (a < b ? -1 : 1))) };
}
