import { setTimeout as delay } from 'node:timers/promises';
import type { LogMessage } from '@/lib/protocol/log-message';
import { controlSchemas } from '@/lib/protocol/stream-events';
import { digestLine, type Mark, type ReaderRecord, SeenLines } from './transcript';

/** Between two attempts: short, so that a soak sees many. */
const RETRY_MS = 100;

/** A run and its place in the evidence. */
export interface RunPlace {
  place: number;
  id: string;
}

/** A named filter: its query, and its bit in the evidence. */
export interface ReaderFilter {
  bit: number;
  query: Readonly<Record<string, string>>;
}

export interface ReaderOptions {
  name: string;
  /** The run to follow; undefined: the global stream. */
  run?: RunPlace | undefined;
  /** Runs of the evidence that it is to see from their first line; others of the global stream are passed over. */
  runs: readonly RunPlace[];
  filter?: ReaderFilter | undefined;
  /** A cursor to begin after. */
  after?: string | undefined;
  /** Where to connect to, asked before each attempt: `http://host:port`. */
  target: () => string;
  /** Called for each line before it is noted. */
  onLine?: ((line: LogMessage) => void) | undefined;
}

/** What a connection hears of the reader that owns it. */
export interface ConnectionEffects {
  opened(): void;
  /** `cursor`: where to resume after the line. */
  line(line: LogMessage, cursor: string): void;
  control(type: string, event: unknown): void;
  /** The run has ended: no further connection. */
  over(): void;
  /** An answer that no reader should get. */
  fault(what: string): void;
  /** Most bytes seen without an acknowledgement. */
  unacknowledged(bytes: number): void;
}

/** One connection; `closed` settles when it is gone. */
export interface ReaderConnection {
  readonly closed: Promise<void>;
  /** Breaks it off without a farewell. */
  cut(): void;
  /** Takes nothing any more, until `resume`. */
  pause(): void;
  resume(): void;
}

export type OpenConnection = (
  target: string,
  options: ReaderOptions,
  cursor: string | undefined,
  on: ConnectionEffects,
) => ReaderConnection;

/**
 * A reader of no library of ours: it connects, notes what it sees, and connects again at its cursor for as long as its stream lasts, as
 * docs/protocol.md says.
 */
export class RawReader {
  readonly kind: string;
  readonly record: ReaderRecord;
  readonly #options: ReaderOptions;
  readonly #open: OpenConnection;
  readonly #marks: Mark[] = [];
  readonly #faults: string[] = [];
  readonly #lastOf = new Map<number, number>();
  readonly #ended = new Set<number>();
  #cursor: string | undefined;
  #connection: ReaderConnection | undefined;
  #isStopped = false;
  #isOver = false;
  #running: Promise<void> | undefined;
  #gate: { opened: Promise<void>; open: () => void } | undefined;

  constructor(kind: string, open: OpenConnection, options: ReaderOptions) {
    this.kind = kind;
    this.#open = open;
    this.#options = options;
    this.#cursor = options.after;
    this.record = {
      name: options.name,
      runs: (options.run ? [options.run] : options.runs).map(({ place }) => place),
      isGlobal: options.run === undefined,
      filter: options.filter?.bit ?? 0,
      lines: new SeenLines(),
      marks: this.#marks,
      unacknowledgedPeak: 0,
      early: [],
      faults: this.#faults,
    };
  }

  /** Connections that were established so far. */
  get connections(): number {
    return this.#marks.filter(({ kind }) => kind === 'connect').length;
  }

  /** True after the run-end of its run. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Where it would resume. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** True when the server has said where the stream stands. */
  get isPlaced(): boolean {
    return this.#cursor !== undefined;
  }

  /** The newest line of a run that it saw, or 0. */
  lastOf(run: number): number {
    return this.#lastOf.get(run) ?? 0;
  }

  /** True when it has seen a run-end of that run. */
  hasSeenEnd(run: number): boolean {
    return this.#ended.has(run);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the reader; settles when its connection is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.release();
    this.#connection?.cut();
    await this.#running;
  }

  cut(): void {
    this.#connection?.cut();
  }

  /** Cuts it and keeps it from coming back until `release`. */
  hold(): void {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gate ??= { opened, open };
    this.cut();
  }

  release(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Takes nothing until `resume`. */
  pause(): void {
    this.noteStall();
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  /** Notes that somebody else slows the connection down. */
  noteStall(): void {
    this.#marks.push({ kind: 'stall', at: this.record.lines.length });
  }

  async #run(): Promise<void> {
    while (!this.#isStopped && !this.#isOver) {
      this.#connection = this.#open(this.#options.target(), this.#options, this.#cursor, this.#effects());
      await this.#connection.closed;
      this.#connection = undefined;
      if (!this.#isStopped && !this.#isOver) await (this.#gate?.opened ?? delay(RETRY_MS));
    }
  }

  /** A connection that was left says nothing any more. */
  #effects(): ConnectionEffects {
    const { lines } = this.record;
    return {
      opened: () => this.#marks.push({ kind: 'connect', at: lines.length, after: this.#cursor }),
      line: (line, cursor) => {
        if (this.#isStopped) return;
        this.#options.onLine?.(line);
        this.#see(line);
        this.#cursor = cursor;
      },
      control: (type, event) => {
        if (!this.#isStopped) this.#takeControl(type, event);
      },
      over: () => {
        this.#isOver = true;
      },
      fault: (what) => {
        this.#faults.push(what);
        this.#isOver = true;
      },
      unacknowledged: (bytes) => {
        this.record.unacknowledgedPeak = Math.max(this.record.unacknowledgedPeak, bytes);
      },
    };
  }

  #placeOf(id: string): number | undefined {
    const { run: own, runs } = this.#options;
    return (own ? [own] : runs).find((run) => run.id === id)?.place;
  }

  #see(line: LogMessage): void {
    const place = this.#placeOf(line.job_run_id);
    if (place === undefined) return;
    this.record.lines.push(place, line.id, digestLine(line));
    this.#lastOf.set(place, Math.max(line.id, this.lastOf(place)));
  }

  #takeControl(type: string, value: unknown): void {
    const at = this.record.lines.length;
    switch (type) {
      case 'connected':
      case 'progress':
        this.#cursor = controlSchemas[type].parse(value).cursor;
        break;
      case 'reset': {
        const { cursor, reason, first } = controlSchemas.reset.parse(value);
        this.#marks.push({ kind: 'reset', at, reason, first });
        this.#cursor = cursor;
        break;
      }
      case 'run-end': {
        const { cursor, job_run_id: id, last } = controlSchemas['run-end'].parse(value);
        const run = this.#placeOf(id);
        if (run !== undefined) this.#marks.push({ kind: 'run-end', at, run, last });
        if (run !== undefined) this.#ended.add(run);
        this.#cursor = cursor;
        break;
      }
      case 'partial':
        break;
      default:
        this.#faults.push(`an unknown event ${type}`);
    }
  }
}
