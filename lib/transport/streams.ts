import { StratalError } from '@/lib/errors/stratal-error';
import type { Feed } from '@/lib/feed/feed';
import type { LineEncoder } from '@/lib/feed/line-encoder';
import { compileFilter } from '@/lib/feed/line-matcher';
import type { ConnectedEvent, RunEndEvent } from '@/lib/protocol/stream-events';
import type { ConnectionCounts, TransportKind } from './connections';
import { GlobalReader } from './global-reader';
import { decideGlobalStart } from './global-start';
import type { StreamScope } from './line-cursor';
import { type LogReader, runEndEvent } from './log-reader';
import { RunReader } from './run-reader';
import { decideRunStart, type RunStart } from './run-start';
import { Session } from './session';
import type { StreamRequest } from './stream-request';
import type { StreamOutcome, StreamSink } from './stream-sink';

/** A stream that was admitted: its sink is made once this is known, since SSE answers with a status first. */
export interface OpenedStream {
  /** The run's newest run-end was presented: nothing will be sent. */
  over: RunEndEvent | undefined;
  /** Where the stream stands: the cursor that `connected` will name. */
  cursor: string;
  /** Begins to write. Call once, or `release`. */
  start<D extends Buffer | string>(sink: StreamSink<D>, encoder: LineEncoder<D>): Session<D>;
  /** Gives the stream up before it was started. */
  release(): void;
}

export interface StreamsOptions {
  feed: Feed;
  counts: ConnectionCounts;
  /** STRATAL_STREAM_MAX_AGE in milliseconds; 0: none. */
  maxAgeMs: number;
  onError?: ((error: unknown) => void) | undefined;
}

interface Opened {
  reader: LogReader;
  connected: ConnectedEvent;
  start: Pick<RunStart, 'cursor' | 'reset'>;
  over: RunEndEvent | undefined;
}

/** Opens streams for all transports and ends them all when the server drains. */
export class Streams {
  readonly feed: Feed;
  readonly counts: ConnectionCounts;
  readonly #options: StreamsOptions;
  readonly #sessions = new Set<{ end(outcome: StreamOutcome): void }>();

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.feed = options.feed;
    this.counts = options.counts;
  }

  static scopeOf(request: StreamRequest): StreamScope {
    return request.runId === undefined ? 'global' : 'run';
  }

  /** Looks up the run and decides the start. Throws STRATAL_NO_RUN, STRATAL_DRAINING and errors of the request and the store. */
  async open(request: StreamRequest, kind: TransportKind): Promise<OpenedStream> {
    this.#refuseWhileDraining();
    const wakeUp = { call: () => {} };
    const wake = () => wakeUp.call();
    const opened =
      request.runId === undefined
        ? await this.#openGlobal(request, wake)
        : await this.#openRun(request.runId, request, wake);
    const { reader, start, over } = opened;
    const uncount = this.counts.open(kind, request.runId);
    const release = () => {
      reader.close();
      uncount();
    };
    if (this.counts.isDraining) release();
    this.#refuseWhileDraining();
    return {
      over,
      cursor: start.cursor,
      release,
      start: (sink, encoder) => {
        const session = new Session({
          reader,
          sink,
          encoder,
          matcher: compileFilter(request.filter),
          clock: this.feed.clock,
          maxAgeMs: this.#options.maxAgeMs,
          onClose: () => {
            uncount();
            this.#sessions.delete(session);
          },
          onError: this.#options.onError,
        });
        this.#sessions.add(session);
        wakeUp.call = session.wake;
        session.start(opened.connected, start.reset);
        if (this.counts.isDraining) session.end({ kind: 'draining' });
        return session;
      },
    };
  }

  /** Ends all streams so that their clients come back, and refuses new ones. */
  drain(): void {
    this.counts.drain();
    for (const session of this.#sessions) session.end({ kind: 'draining' });
  }

  async #openRun(id: string, request: StreamRequest, wake: () => void): Promise<Opened> {
    const run = await this.feed.runs.open(id, wake);
    if (!run) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${id}.`);
    try {
      const start = await decideRunStart(this.feed, run, request);
      const { status, firstLine, lastLine, end } = run.head;
      return {
        reader: new RunReader(this.feed, run, wake, start.place),
        connected: { cursor: start.cursor, job_run_id: run.run.id, status, first: firstLine, last: lastLine },
        start,
        over: end && start.isOver ? runEndEvent(start.cursor, run.run.id, end, lastLine) : undefined,
      };
    } catch (error) {
      this.feed.runs.close(run, wake);
      throw error;
    }
  }

  async #openGlobal(request: StreamRequest, wake: () => void): Promise<Opened> {
    const start = await decideGlobalStart(this.feed, request);
    const reader = new GlobalReader(this.feed, wake, start.place);
    return { reader, connected: { cursor: start.cursor }, start, over: undefined };
  }

  #refuseWhileDraining(): void {
    if (!this.counts.isDraining) return;
    throw new StratalError('STRATAL_DRAINING', 'The server is stopping; connect again.');
  }
}
