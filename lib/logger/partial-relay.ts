import { PARTIAL_BYTES_MAX, PARTIAL_INTERVAL_MS } from '@/lib/protocol/limits';
import type { Stream } from '@/lib/protocol/log-message';
import { encodePartial } from './wire-line';

interface WatchedStream {
  stream: Stream;
  /** The newest at most so many bytes of the stream's unfinished line. */
  unfinished: (bytesMax: number) => Buffer;
  hasChanged: boolean;
  sentAtMs: number;
}

/** Which unfinished lines are due to be shown to live readers: the newest text of each stream, at most ten times a second. */
export class PartialRelay {
  readonly #streams: WatchedStream[] = [];
  readonly #nowUs: () => number;

  /** `nowUs` gives microseconds since the epoch. */
  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  /** Watches a stream; the returned function says that its unfinished line has changed. */
  watch(stream: Stream, unfinished: (bytesMax: number) => Buffer): () => void {
    const watched: WatchedStream = { stream, unfinished, hasChanged: false, sentAtMs: Number.NEGATIVE_INFINITY };
    this.#streams.push(watched);
    return () => {
      watched.hasChanged = true;
    };
  }

  /** One partial that is due, in its ingest form; it counts as sent. Undefined where none is due. */
  take(): Buffer | undefined {
    const nowMs = performance.now();
    for (const watched of this.#streams) {
      if (!watched.hasChanged || nowMs - watched.sentAtMs < PARTIAL_INTERVAL_MS) continue;
      watched.hasChanged = false;
      const text = watched.unfinished(PARTIAL_BYTES_MAX);
      if (text.length === 0) continue;
      watched.sentAtMs = nowMs;
      return encodePartial({ timeUs: this.#nowUs(), stream: watched.stream, text });
    }
    return undefined;
  }

  /** Milliseconds until one is due; undefined where none changed. */
  dueInMs(): number | undefined {
    const nowMs = performance.now();
    const due = this.#streams
      .filter((watched) => watched.hasChanged)
      .map((watched) => Math.max(0, watched.sentAtMs + PARTIAL_INTERVAL_MS - nowMs));
    return due.length === 0 ? undefined : Math.min(...due);
  }
}
