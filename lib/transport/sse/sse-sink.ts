import type { ControlFrame, StreamSink } from '@/lib/transport/stream-sink';
import { controlEvent } from './events';

/** Who carries an event stream's bytes. */
export interface SseBody {
  readonly unsentBytes: number;
  write(chunks: readonly Buffer[]): void;
  end(): void;
}

/** What else may be unsent when the session writes on. */
const LOW_WATER_BYTES = 64 * 1024;

/** A stream as server-sent events. Whatever ends it, the body just ends: the cursor is with the client already. */
export class SseSink implements StreamSink<Buffer> {
  readonly lowWaterBytes = LOW_WATER_BYTES;
  readonly wants: { control: boolean; partial: boolean };
  readonly #body: SseBody;
  readonly #isChunked: boolean;

  /** `isChunked`: the body takes whole chunks of HTTP/1.1, as the lines come. */
  constructor(body: SseBody, partial: boolean, isChunked = false) {
    this.#body = body;
    this.#isChunked = isChunked;
    this.wants = { control: true, partial };
  }

  get unsentBytes(): number {
    return this.#body.unsentBytes;
  }

  writeLines(chunks: readonly Buffer[]): void {
    this.#body.write(chunks);
  }

  writeControl(control: ControlFrame): void {
    this.#body.write([controlEvent(control, this.#isChunked)]);
  }

  end(): void {
    this.#body.end();
  }
}
