import { LogStreamingService } from '@/lib/client/log-streamer';
import type { StreamState } from '@/lib/client/stream-state';
import type { LogStreamer } from '@/lib/client/streamer';
import type { LogMessage } from '@/lib/protocol/log-message';
import { FrameStore } from './frame-store';
import { LineWindow, type WindowSnapshot } from './line-window';

/** A line of any run: `id` counts what this page received, `number` is the line's own in its run. */
export interface LiveLine extends LogMessage {
  number: number;
}

export interface LiveSnapshot {
  window: WindowSnapshot<LiveLine>;
  stream: StreamState;
}

/** Lines of the recent past that the view begins with, as far as the server still has them in order. */
const TAIL_LINES = 200;

/** The newest lines of all runs, in the order in which they were stored. Nothing is connected before `start()`. */
export class LiveSource {
  readonly store: FrameStore<LiveSnapshot>;
  readonly #window = new LineWindow<LiveLine>();
  #received = 0;
  #streamer: LogStreamer | undefined;

  constructor() {
    this.store = new FrameStore(() => ({
      window: this.#window.snapshot(),
      stream: this.#streamer?.state ?? { kind: 'connecting' },
    }));
  }

  /** Connects, or goes on where `stop()` left. */
  start(): void {
    this.#streamer?.connect();
    if (this.#streamer) return;
    this.#streamer = new LogStreamingService().streamAllLogs({
      transport: 'socketio',
      tail: TAIL_LINES,
      onBatch: (lines) => this.#receive(lines),
      onReset: () => this.store.publish(),
      onStateChange: () => this.store.publish(),
    });
  }

  stop(): void {
    this.#streamer?.disconnect();
    this.store.cancel();
  }

  reconnect(): void {
    this.#streamer?.connect();
  }

  setFollowing(following: boolean): void {
    this.#window.setFollowing(following);
    this.store.publish();
  }

  showNewest(): void {
    this.#window.showNewest();
    this.#window.setFollowing(true);
    this.store.publish();
  }

  #receive(lines: readonly LogMessage[]): void {
    this.#window.receive(lines.map((line) => ({ ...line, number: line.id, id: ++this.#received })));
    this.store.publishPaced();
  }
}
