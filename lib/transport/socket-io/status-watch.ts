import type { Clock } from '@/lib/feed/clock';
import type { StreamStatus } from '@/lib/protocol/api';
import { Coalescer } from '@/lib/transport/coalescer';
import type { ConnectionCounts } from '@/lib/transport/connections';

const STATUS_INTERVAL_MS = 250;

/** Tells pages how many streams are open, at most four times a second. */
export class StatusWatch {
  readonly #counts: ConnectionCounts;
  readonly #watchers = new Set<(status: StreamStatus) => void>();
  readonly #news: Coalescer;

  constructor(counts: ConnectionCounts, clock: Clock, onError: (error: unknown) => void) {
    this.#counts = counts;
    this.#news = new Coalescer(clock, STATUS_INTERVAL_MS, async () => this.#tell(), onError);
    counts.onChange(() => {
      if (this.#watchers.size > 0) this.#news.ask();
    });
  }

  /** Sends the status now and after each change. */
  watch(send: (status: StreamStatus) => void): () => void {
    this.#watchers.add(send);
    send(this.#counts.status());
    return () => this.#watchers.delete(send);
  }

  #tell(): void {
    const status = this.#counts.status();
    for (const send of this.#watchers) send(status);
  }
}
