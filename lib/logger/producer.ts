import { v7 as uuidv7 } from 'uuid';
import type { Stream } from '@/lib/protocol/log-message';
import type { ApiConnection } from './api-connection';
import { Delivery, type DeliveryEnd } from './delivery';
import { LineSplitter, type SplitLine } from './line-splitter';
import { MicrosecondClock } from './microsecond-clock';
import { PartialRelay } from './partial-relay';
import type { Operation } from './record';
import { Spool } from './spool';
import { leaveToOthers } from './spool-owner';
import { deliverWaitingSpools, type SpoolReport } from './waiting-spools';
import { encodeLines, type WireLine } from './wire-line';

export interface ProducerOptions {
  api: ApiConnection;
  /** The folder of all spools; absent: lines wait in memory alone. */
  spoolRoot?: string | undefined;
  jobRunId: string;
  /** Lines that name no task belong to this one. */
  taskRunId?: string | undefined;
  /** Requests that come before the first line. */
  setup: Operation[];
  /** Absent: no heartbeats. */
  heartbeatMs?: number | undefined;
  /** Lines in memory where no file can be written. @defaultValue 8 MiB */
  memoryBytesMax?: number | undefined;
  /** A spool that an earlier process had left was delivered, or was tried. */
  onWaitingSpool?: ((report: SpoolReport) => void) | undefined;
}

/** How a producer ended. */
export interface ProducerReport {
  /** waiting: a later process delivers the rest. refused: the server says it never will take it. */
  end: 'delivered' | 'waiting' | 'refused';
  /** Lines in the spool that were not delivered. */
  waitingLines: number;
  /** Lines that could be neither delivered nor kept. */
  lostLines: number;
  /** The folder of what waits; undefined where there is none. */
  directory: string | undefined;
  /** Why it was not delivered. */
  trouble: string | undefined;
  /** What the server refused. */
  notices: string[];
  /** Lines that the server lost after it had accepted them, and that are not kept here. */
  missingLines: number;
}

/** Where one stream's bytes go in. */
export interface StreamCapture {
  write(chunk: Buffer): void;
  /** The program closed the stream. */
  end(): void;
}

/**
 * One source of lines: what it is given is written to its spool at once and delivered in the background. Its methods never
 * throw, never wait for the server and hold no more than a bounded memory. Its requests keep no process alive.
 */
export class Producer {
  readonly jobRunId: string;
  readonly #options: ProducerOptions;
  readonly #clock = new MicrosecondClock();
  readonly #partials = new PartialRelay(() => this.#clock.now());
  readonly #spool: Spool;
  readonly #delivery: Delivery;
  readonly #stopping = new AbortController();
  #running: Promise<DeliveryEnd> | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #droppedBefore = 0;

  /** Lines that found no room. The next line that does names them in its attribute `dropped_lines`. */
  droppedLines = 0;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.jobRunId = options.jobRunId;
    this.#spool = Spool.create(
      options.spoolRoot,
      {
        version: 1,
        url: options.api.url,
        source: uuidv7(),
        base: 0,
        job_run_id: options.jobRunId,
        ...(options.taskRunId !== undefined && { task_run_id: options.taskRunId }),
        setup: options.setup,
      },
      options.memoryBytesMax,
    );
    this.#delivery = new Delivery({
      api: options.api,
      spool: this.#spool,
      partials: this.#partials,
      heartbeatMs: options.heartbeatMs,
      beforeOperation: (operation) => this.#beforeOperation(operation),
      onReached: () => {
        this.#sweeping = this.#sweep();
      },
    });
  }

  /** Microseconds since the epoch. */
  nowUs(): number {
    return this.#clock.now();
  }

  /** Begins to deliver. `setup` replaces what was given at first. */
  start(setup?: Operation[]): void {
    if (this.#running) return;
    if (setup) {
      this.#spool.head = { ...this.#spool.head, setup };
      this.#spool.saveHead();
    }
    this.#running = this.#delivery.run(this.#stopping.signal).catch((error: unknown) => {
      this.#delivery.trouble = error instanceof Error ? error.message : String(error);
      return { kind: 'stopped' };
    });
  }

  /** Captures a program's stream: its lines, and the one it has not ended yet. */
  capture(stream: Stream): StreamCapture {
    const splitter = new LineSplitter();
    const changed = this.#partials.watch(stream, (bytesMax) => splitter.unfinished(bytesMax));
    const take = (lines: SplitLine[]) => {
      const timeUs = this.#clock.now();
      this.write(lines.map((line) => toWireLine(line, stream, timeUs)));
      changed();
      this.#delivery.notify();
    };
    return { write: (chunk) => take(splitter.push(chunk)), end: () => take(splitter.end()) };
  }

  /** Adds lines. Where there is no room for them they are counted and left out. */
  write(lines: WireLine[]): void {
    const [first, ...rest] = lines;
    if (!first) return;
    const dropped = this.#droppedBefore;
    const marked = dropped === 0 ? first : { ...first, attributes: { ...first.attributes, dropped_lines: dropped } };
    if (this.#append(encodeLines([marked, ...rest]), lines.length)) {
      this.#droppedBefore = 0;
    } else {
      this.droppedLines += lines.length;
      this.#droppedBefore += lines.length;
    }
    this.#delivery.notify();
  }

  /** A disk that fails in an unforeseen way costs lines, never the program that writes them. */
  #append(records: Buffer, lines: number): boolean {
    try {
      return this.#spool.log.append(records, lines);
    } catch {
      return false;
    }
  }

  /** Adds a request that happens after all lines so far. */
  operate(operation: Operation): void {
    this.#spool.log.appendOperation(operation);
    this.#delivery.notify();
  }

  /** Why the newest attempt failed; undefined while all goes well. */
  get trouble(): string | undefined {
    return this.#delivery.trouble;
  }

  /** Lines not yet known to be stored. */
  get waitingLines(): number {
    return this.#spool.log.waiting;
  }

  /** Resolves with true when everything given so far is delivered, with false after `waitMs`. */
  async flush(waitMs: number): Promise<boolean> {
    this.start();
    const deadline = performance.now() + waitMs;
    while (!this.#delivery.isSettled) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || this.#stopping.signal.aborted) return false;
      await this.#delivery.settled(leftMs, this.#stopping.signal);
    }
    return true;
  }

  /** Delivers the rest for at most `waitMs`, or until `signal` aborts; then leaves it to a later process. Call it once. */
  async close(waitMs: number, signal?: AbortSignal): Promise<ProducerReport> {
    this.start();
    const stop = () => this.#stopping.abort();
    const timer = setTimeout(stop, waitMs);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    this.#delivery.finish();
    const end = await this.#running;
    if (end?.kind === 'delivered') await this.#sweeping;
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    stop();
    await this.#sweeping;
    return this.#leave(end?.kind === 'delivered' || end?.kind === 'refused' ? end.kind : 'waiting');
  }

  #leave(end: ProducerReport['end']): ProducerReport {
    const { log, directory } = this.#spool;
    const waitingLines = end === 'delivered' ? 0 : log.waiting;
    const lostInMemory = end === 'delivered' ? 0 : log.keep();
    if (end === 'delivered') {
      this.#spool.remove();
    } else {
      this.#spool.close();
      if (directory !== undefined) leaveToOthers(directory);
    }
    return {
      end,
      waitingLines: waitingLines - lostInMemory,
      lostLines: lostInMemory + this.droppedLines,
      directory: end === 'delivered' ? undefined : directory,
      trouble: this.#delivery.trouble,
      notices: this.#delivery.notices,
      missingLines: this.#delivery.forgottenLines,
    };
  }

  /** Lines of processes that joined this run and could not deliver them come before its end. */
  async #beforeOperation(operation: Operation): Promise<void> {
    if (operation.path === `/job-runs/${this.jobRunId}`) await this.#sweep(this.jobRunId);
  }

  /** Delivers what earlier processes left for this server (and, where given, this run). */
  async #sweep(jobRunId?: string): Promise<void> {
    const { api, spoolRoot, onWaitingSpool } = this.#options;
    await deliverWaitingSpools({
      root: spoolRoot,
      connect: (target) => {
        const isWanted = target.url === api.url && (jobRunId === undefined || target.jobRunId === jobRunId);
        return isWanted ? api : undefined;
      },
      signal: this.#stopping.signal,
      givesUpEarly: true,
      onReport: onWaitingSpool,
    });
  }
}

function toWireLine({ text, continues, droppedBytes }: SplitLine, stream: Stream, timeUs: number): WireLine {
  return {
    timeUs,
    stream,
    text,
    continues,
    attributes: droppedBytes === 0 ? undefined : { dropped_bytes: droppedBytes },
  };
}
