import { matchingTurns } from '@/lib/config/matching-turns';
import type { Clock } from '@/lib/feed/clock';
import type { LineEncoder } from '@/lib/feed/line-encoder';
import type { LineMatcher } from '@/lib/feed/line-matcher';
import { PROGRESS_INTERVAL_MS, PROGRESS_LINES, READER_HIGH_WATER_BYTES, READER_STALL_MS } from '@/lib/protocol/limits';
import type { ConnectedEvent, ResetEvent } from '@/lib/protocol/stream-events';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import { LinePicker } from './line-picker';
import type { LogReader } from './log-reader';
import type { StreamOutcome, StreamSink } from './stream-sink';

/** Written in one go at most; so much is the step in which a slow reader makes progress. */
const WRITE_BYTES = 64 * 1024;
/** A stream that has done this much without a pause lets the others have their turn. */
const TURN_BYTES = 1024 * 1024;
const TURN_LINES = 8192;
/** A failed read is tried again after this long, and given up after so many in a row. */
const RETRY_MS = 1000;
const FAILURES_MAX = 60;

export interface SessionOptions<D extends Buffer | string> {
  reader: LogReader;
  sink: StreamSink<D>;
  encoder: LineEncoder<D>;
  /** Undefined: every line. */
  matcher: LineMatcher | undefined;
  clock: Clock;
  /** STRATAL_STREAM_MAX_AGE in milliseconds; 0: none. */
  maxAgeMs: number;
  /** Called once, when the stream is over for whatever reason. */
  onClose: () => void;
  /** Observability: a read failed and will be tried again. */
  onError?: ((error: unknown) => void) | undefined;
}

export type SessionState = 'writing' | 'reading' | 'waiting' | 'blocked' | 'ended';

/**
 * The one loop of all transports: write what follows the cursor while the reader takes it; else wait for the reader, for the store, or
 * for a commit.
 *
 *     writing ──▶ reading   the next lines are not in memory      ──▶ writing when they are
 *             ──▶ waiting   the cursor is at the head             ──▶ writing on `wake`
 *             ──▶ blocked   the sink holds too much               ──▶ writing on `drained`
 *             ──▶ ended     run-end, drain, stall, `stop`
 *
 * `writing` is synchronous, so a commit reaches its live readers within the commit's own turn of the event loop; under a text those for whom there
 * is time to match it.
 */
export class Session<D extends Buffer | string> {
  readonly #options: SessionOptions<D>;
  readonly #reader: LogReader;
  readonly #sink: StreamSink<D>;
  readonly #clock: Clock;
  readonly #picker: LinePicker<D>;
  /** Asked after each line: true where others are to have their turn. */
  readonly #isLate: () => boolean;
  readonly #startedAt: number;
  #state: SessionState = 'waiting';
  #isPumping = false;
  #hasTurn = true;
  #turnBytes = 0;
  #turnLines = 0;
  #skipped = 0;
  #failures = 0;
  #lastEventAt: number;
  #blockedAt = 0;
  #cancelTimer: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(options: SessionOptions<D>) {
    this.#options = options;
    this.#reader = options.reader;
    this.#sink = options.sink;
    this.#clock = options.clock;
    this.#picker = new LinePicker(options.encoder, options.matcher);
    this.#isLate = options.matcher?.filter.text ? () => matchingTurns.isOver : () => false;
    this.#startedAt = options.clock.now();
    this.#lastEventAt = this.#startedAt;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Sends `connected`, a reset if there is one, and what follows. */
  start(connected: ConnectedEvent, reset?: ResetEvent): void {
    if (this.#state === 'ended') return;
    this.#sink.writeControl({ type: 'connected', payload: connected });
    if (reset) this.#sendReset(reset);
    if (this.#isOver()) return;
    this.#schedule();
    this.wake();
  }

  /** Something was committed. */
  readonly wake = (): void => {
    if (this.#state === 'waiting') this.#pump();
  };

  /** The reader took something. */
  readonly drained = (): void => {
    if (this.#state !== 'blocked') return;
    this.#blockedAt = this.#clock.now();
    if (this.#sink.unsentBytes <= this.#sink.lowWaterBytes) this.#pump();
  };

  /** The reader has left, or is not wanted any more. */
  readonly stop = (): void => {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelTimer?.();
    this.#cancelRetry?.();
    this.#reader.close();
    this.#options.onClose();
  };

  /** Ends the stream from the server's side. */
  end(outcome: StreamOutcome): void {
    if (this.#state === 'ended') return;
    this.stop();
    this.#sink.end(outcome);
  }

  #pump(): void {
    if (this.#isPumping || !this.#hasTurn) return;
    this.#isPumping = true;
    this.#state = 'writing';
    try {
      while (this.#state === 'writing') this.#advance();
    } finally {
      this.#isPumping = false;
    }
  }

  /** One step of the loop; changes the state where the loop is to stop. */
  #advance(): void {
    if (this.#sink.unsentBytes > this.#sink.lowWaterBytes) this.#block();
    else if (this.#turnBytes >= TURN_BYTES || this.#turnLines >= TURN_LINES || this.#isLate()) this.#yieldTurn();
    else if (!this.#writeLines()) this.#takeStep();
  }

  /** Gathers lines in memory up to one write and writes them; false where none follow. */
  #writeLines(): boolean {
    const room = Math.min(WRITE_BYTES, READER_HIGH_WATER_BYTES - this.#sink.unsentBytes);
    const looked = this.#gather(room);
    this.#turnLines += looked;
    const { bytes } = this.#picker;
    if (bytes > 0) {
      this.#turnBytes += bytes;
      this.#lastEventAt = this.#clock.now();
      this.#sink.writeLines(this.#picker.take(), this.#reader.cursor);
      return true;
    }
    if (this.#skipped >= PROGRESS_LINES) {
      this.#sendProgress();
      return true;
    }
    if (looked > 0) return true;
    if (this.#reader.next().kind !== 'lines') return false;
    // The next line is larger than what may be written beside the unsent.
    this.#block();
    return true;
  }

  /** Moves lines that are in memory into the picker while they fit; returns how many the cursor moved past. */
  #gather(room: number): number {
    const picker = this.#picker;
    const isIdleSink = this.#sink.unsentBytes === 0;
    let looked = 0;
    while (picker.bytes < room) {
      const budget = Math.min(TURN_LINES - this.#turnLines - looked, PROGRESS_LINES - this.#skipped);
      const step = this.#reader.next();
      if (step.kind !== 'lines' || budget <= 0) break;
      const before = picker.bytes;
      const { passed, skipped, isFull, isLate } = picker.pick(step, room, isIdleSink, budget, this.#isLate);
      this.#reader.passLines(passed);
      looked += passed;
      this.#skipped = picker.bytes > before ? skipped : this.#skipped + skipped;
      if (isFull || isLate) break;
    }
    return looked;
  }

  #takeStep(): void {
    const step = this.#reader.next();
    switch (step.kind) {
      case 'lines':
        break;
      case 'read':
        this.#read();
        break;
      case 'idle':
        this.#rest();
        break;
      case 'run-end':
        this.#reader.pass();
        this.#lastEventAt = this.#clock.now();
        this.#sink.writeControl({ type: 'run-end', payload: step.event });
        if (step.endsStream) this.end({ kind: 'ended', status: step.event.status });
        break;
      case 'reset':
        this.#reader.pass();
        this.#sendReset(step.event);
        break;
      case 'over':
        this.end({ kind: 'ended', status: step.status });
        break;
      case 'gone':
        this.end({ kind: 'gone' });
        break;
    }
  }

  #rest(): void {
    this.#state = 'waiting';
    if (!this.#sink.wants.partial) return;
    for (const { run, task, stream, message, atUs } of this.#reader.newPartials()) {
      if (this.#options.matcher && !this.#options.matcher.admitsPartial(task, stream)) continue;
      const payload = {
        cursor: this.#reader.cursor,
        job_run_id: run.id,
        ...(task && { task_run_id: task.id }),
        stream,
        message,
        at: formatTimestamp(atUs),
      };
      this.#sink.writeControl({ type: 'partial', payload });
    }
  }

  #block(): void {
    this.#state = 'blocked';
    this.#blockedAt = this.#clock.now();
  }

  #yieldTurn(): void {
    this.#state = 'waiting';
    this.#hasTurn = false;
    const goOn = () => {
      this.#hasTurn = true;
      this.#turnBytes = 0;
      this.#turnLines = 0;
      this.wake();
    };
    if (this.#isLate()) matchingTurns.next(goOn);
    else setImmediate(goOn);
  }

  #read(): void {
    this.#state = 'reading';
    this.#reader.read().then(
      () => {
        this.#failures = 0;
        this.#resume();
      },
      (error: unknown) => {
        this.#options.onError?.(error);
        this.#failures += 1;
        if (this.#failures >= FAILURES_MAX) this.end({ kind: 'failed', error });
        else this.#cancelRetry = this.#clock.after(RETRY_MS, () => this.#resume());
      },
    );
  }

  /** Reads answered from a cache settle at once: without the pause a long catch-up would keep everyone else waiting. */
  #resume(): void {
    if (this.#state === 'reading') this.#yieldTurn();
  }

  #sendReset(event: ResetEvent): void {
    this.#lastEventAt = this.#clock.now();
    if (this.#sink.wants.control) this.#sink.writeControl({ type: 'reset', payload: event });
    else this.end({ kind: 'reset', event });
  }

  #sendProgress(): void {
    this.#skipped = 0;
    const now = this.#clock.now();
    this.#lastEventAt = now;
    const last = this.#reader.lastLine;
    const payload = {
      cursor: this.#reader.cursor,
      ...(last !== undefined && { last }),
      at: formatTimestamp(now * 1000),
    };
    this.#sink.writeControl({ type: 'progress', payload });
  }

  /** One timer for everything that time brings; it looks what is due and sets itself again. */
  #schedule(): void {
    const { maxAgeMs } = this.#options;
    const now = this.#clock.now();
    const isBlocked = this.#state === 'blocked';
    const due = isBlocked ? this.#blockedAt + READER_STALL_MS : this.#lastEventAt + PROGRESS_INTERVAL_MS;
    const endOfAge = maxAgeMs > 0 ? this.#startedAt + maxAgeMs : Number.POSITIVE_INFINITY;
    const wait = Math.min(due - now, PROGRESS_INTERVAL_MS, endOfAge - now);
    this.#cancelTimer = this.#clock.after(Math.max(0, wait), () => this.#onTime());
  }

  #onTime(): void {
    const now = this.#clock.now();
    const { maxAgeMs } = this.#options;
    if (maxAgeMs > 0 && now >= this.#startedAt + maxAgeMs) this.end({ kind: 'draining' });
    else if (this.#state === 'blocked') {
      if (now >= this.#blockedAt + READER_STALL_MS) this.end({ kind: 'stalled' });
    } else if (now >= this.#lastEventAt + PROGRESS_INTERVAL_MS) this.#sendProgress();
    if (!this.#isOver()) this.#schedule();
  }

  #isOver(): boolean {
    return this.#state === 'ended';
  }
}
