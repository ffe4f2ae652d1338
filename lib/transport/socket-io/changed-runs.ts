import type { Run } from '@/lib/protocol/run';
import { cutOff, type LogSocket } from './log-socket';
import type { NewestNews } from './newest-news';

/** Changed runs that wait for one client at most; one that is further behind reads its list anew when it comes back. */
const RUNS_WAITING_MAX = 1000;
/** And of so much metadata, about: it is the largest part of a run. */
const METADATA_WAITING_BYTES_MAX = 16 * 1024 * 1024;

const metadataBytes = new WeakMap<Run, number>();

/** The changed runs of one watched list, each told as it is when the client takes it. */
export class ChangedRuns {
  readonly #socket: LogSocket;
  readonly #news: NewestNews;
  readonly #key: string;
  #changed = new Map<string, Run>();
  /** Of the metadata of those that wait. */
  #bytes = 0;

  constructor(socket: LogSocket, news: NewestNews, key: string) {
    this.#socket = socket;
    this.#news = news;
    this.#key = key;
  }

  tell(runs: readonly Run[]): void {
    for (const run of runs) {
      const before = this.#changed.get(run.id);
      this.#bytes += metadataBytesOf(run) - (before ? metadataBytesOf(before) : 0);
      this.#changed.set(run.id, run);
    }
    if (this.#changed.size > RUNS_WAITING_MAX || this.#bytes > METADATA_WAITING_BYTES_MAX) {
      this.#changed.clear();
      this.#bytes = 0;
      cutOff(this.#socket);
      return;
    }
    this.#news.send(this.#key, () => {
      const job_runs = [...this.#changed.values()];
      this.#changed = new Map();
      this.#bytes = 0;
      if (job_runs.length > 0) this.#socket.emit('runs', { job_runs });
    });
  }
}

/** About what a run's metadata takes; measured once, whoever is told of the run. */
function metadataBytesOf(run: Run): number {
  let bytes = metadataBytes.get(run);
  if (bytes === undefined) {
    bytes = run.metadata === undefined ? 0 : JSON.stringify(run.metadata).length;
    metadataBytes.set(run, bytes);
  }
  return bytes;
}
