import type { Run } from '@/lib/protocol/run';
import { cutOff, type LogSocket } from './log-socket';
import type { NewestNews } from './newest-news';

/**
 * Changed runs that wait for one client at most, each with little metadata; one that is further behind reads its list anew when it comes
 * back.
 */
const RUNS_WAITING_MAX = 1000;

/** The changed runs of one watched list, each told as it is when the client takes it. */
export class ChangedRuns {
  readonly #socket: LogSocket;
  readonly #news: NewestNews;
  readonly #key: string;
  #changed = new Map<string, Run>();

  constructor(socket: LogSocket, news: NewestNews, key: string) {
    this.#socket = socket;
    this.#news = news;
    this.#key = key;
  }

  tell(runs: readonly Run[]): void {
    for (const run of runs) this.#changed.set(run.id, run);
    if (this.#changed.size > RUNS_WAITING_MAX) {
      this.#changed.clear();
      cutOff(this.#socket);
      return;
    }
    this.#news.send(this.#key, () => {
      const job_runs = [...this.#changed.values()];
      this.#changed = new Map();
      if (job_runs.length > 0) this.#socket.emit('runs', { job_runs });
    });
  }
}
