import type { ApiError, StreamError } from '@/lib/client/client-errors';
import type { DisconnectReason, TransportName } from '@/lib/client/stream-options';
import type { StreamStateKind } from '@/lib/client/stream-state';
import { LogStreamer, type LogStreamerOptions } from '@/lib/client/streamer';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { PartialEvent, ProgressEvent, ResetEvent, RunEndEvent } from '@/lib/protocol/stream-events';
import { RUN } from './fixtures';
import type { ScriptedServer } from './scripted-server';

export const TRANSPORTS: TransportName[] = ['websocket', 'sse', 'socketio'];

/** A stream with all that it told, and a way to wait for it. */
export class Recording {
  readonly streamer: LogStreamer;
  readonly lines: LogMessage[] = [];
  readonly batches: Array<{ ids: number[]; cursor: string }> = [];
  readonly states: StreamStateKind[] = [];
  readonly errors: Array<ApiError | StreamError> = [];
  readonly disconnects: DisconnectReason[] = [];
  readonly resets: ResetEvent[] = [];
  readonly runEnds: RunEndEvent[] = [];
  readonly progress: ProgressEvent[] = [];
  readonly partials: PartialEvent[] = [];
  connects = 0;
  #waiting: Array<() => void> = [];

  constructor(options: LogStreamerOptions) {
    this.streamer = new LogStreamer({
      ...options,
      onMessage: (log) => {
        this.lines.push(log);
        options.onMessage?.(log);
        this.#changed();
      },
      onBatch:
        'onBatch' in options
          ? options.onBatch
          : (logs, cursor) => this.batches.push({ ids: logs.map(({ id }) => id), cursor }),
      onConnect: () => this.#note(() => (this.connects += 1)),
      onDisconnect: (reason) => this.#note(() => this.disconnects.push(reason)),
      onError: (error) => this.#note(() => this.errors.push(error)),
      onReset: (event) => this.#note(() => this.resets.push(event)),
      onRunEnd: (event) => this.#note(() => this.runEnds.push(event)),
      onProgress: (event) => this.#note(() => this.progress.push(event)),
      onPartial: (event) => this.#note(() => this.partials.push(event)),
      onStateChange: (state) => {
        options.onStateChange?.(state);
        this.#note(() => this.states.push(state.kind));
      },
    });
  }

  get ids(): number[] {
    return this.lines.map(({ id }) => id);
  }

  get kind(): StreamStateKind {
    return this.streamer.state.kind;
  }

  /** Resolves as soon as the condition holds; what it waits for is looked at after each event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #note(change: () => unknown): void {
    change();
    this.#changed();
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/**
 * Follows the test's run, connecting again without a pause so that tests do not wait.
 * @param options `jobRunId: undefined` follows all runs
 */
export function follow(server: ScriptedServer, options: LogStreamerOptions = {}): Recording {
  const onStateChange: LogStreamerOptions['onStateChange'] = ({ kind }) => {
    if (kind === 'reconnecting') recording.streamer.connect();
  };
  const recording = new Recording({ baseUrl: server.url, jobRunId: RUN, onStateChange, ...options });
  recording.streamer.connect();
  return recording;
}

export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
