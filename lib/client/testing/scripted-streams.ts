import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { TransportName } from '@/lib/client/stream-options';
import { CATALOGUE, type ErrorCode } from '@/lib/errors/catalogue';
import { StratalError } from '@/lib/errors/stratal-error';
import type { LogMessage } from '@/lib/protocol/log-message';
import { RUN } from './fixtures';
import { ScriptedLog } from './scripted-log';

/** What a client asked for when it opened a stream. */
export interface SeenRequest {
  transport: TransportName;
  after: string | undefined;
  tail: number | undefined;
  level: string | undefined;
  headers: IncomingHttpHeaders;
}

/** One open stream, whatever carries it. */
export interface Carrier {
  lines(lines: unknown[], cursor: string): void;
  control(type: string, payload: object): void;
  /** The stream is over for good. */
  end(status: string): void;
  /** What was sent arrives; then the connection is gone without a word. */
  kill(): void;
  /** The server says goodbye: come back. */
  drain(): void;
}

interface Reader {
  carrier: Carrier;
  isGlobal: boolean;
  level: string | undefined;
  sent: number;
  endsSent: number;
}

export type Refusal = { code: ErrorCode; retryAfter?: string };

/** The streams of a scripted server, whatever carries them: what they send, and how they misbehave. */
export class ScriptedStreams extends EventEmitter<{ opened: []; closed: []; came: []; left: [] }> {
  readonly log = new ScriptedLog();
  readonly requests: SeenRequest[] = [];
  /** Lines in one message at most; every pause between two is a chance to be cut off. */
  batchLines = 7;
  /** Connections that are cut off after their next batches, counted down. */
  killsLeft = 0;
  readonly #readers = new Set<Reader>();
  readonly #refusals: Refusal[] = [];

  get readers(): number {
    return this.#readers.size;
  }

  /** Resolves when so many streams are open. */
  async untilReaders(count: number): Promise<void> {
    while (this.#readers.size !== count) await once(this, this.#readers.size > count ? 'left' : 'came');
  }

  append(count: number, change?: Partial<LogMessage>): void {
    this.log.append(count, change);
    this.pump();
  }

  end(): void {
    this.log.end();
    this.pump();
  }

  /** The next streams are refused with these errors, one after another. */
  refuseNext(...refusals: Refusal[]): void {
    this.#refusals.push(...refusals);
  }

  /** Cuts all streams off. */
  kill(): void {
    for (const { carrier } of [...this.#readers]) carrier.kill();
  }

  drain(): void {
    for (const { carrier } of [...this.#readers]) carrier.drain();
  }

  /** So many lines are lost on the way to everybody. */
  swallow(count: number): void {
    for (const reader of this.#readers) reader.sent += count;
  }

  /** Everybody gets the newest lines again. */
  repeat(count: number): void {
    for (const { carrier, isGlobal, sent } of this.#readers) {
      carrier.lines(this.#dress(this.log.after(sent - count, count), isGlobal), this.log.cursor(sent, isGlobal));
    }
  }

  /** Everybody gets `value` instead of the next line. */
  garble(value: unknown): void {
    this.log.append(1);
    for (const reader of this.#readers) {
      reader.sent += 1;
      reader.carrier.lines([value], this.log.cursor(reader.sent, reader.isGlobal));
    }
  }

  control(type: string, payload: object): void {
    for (const { carrier } of this.#readers) carrier.control(type, payload);
  }

  heartbeat(): void {
    for (const { carrier, isGlobal, sent } of this.#readers) {
      const payload = { cursor: this.log.cursor(sent, isGlobal), last: this.log.last, at: '2024-01-15T10:30:45.123Z' };
      carrier.control('progress', payload);
    }
  }

  /** Sends what readers lack. */
  pump(): void {
    for (const reader of [...this.#readers]) this.#pump(reader);
  }

  #pump(reader: Reader): void {
    const { carrier, isGlobal, level } = reader;
    while (this.#readers.has(reader) && reader.sent < this.log.last) {
      const lines = this.log.after(reader.sent, this.batchLines);
      reader.sent += lines.length;
      const cursor = this.log.cursor(reader.sent, isGlobal);
      const passing = lines.filter((line) => level === undefined || line.level === level);
      if (passing.length > 0) carrier.lines(this.#dress(passing, isGlobal), cursor);
      if (this.killsLeft > 0) {
        this.killsLeft -= 1;
        carrier.kill();
        return;
      }
    }
    const event = this.log.runEnd(isGlobal);
    if (!event || reader.endsSent === this.log.ends || !this.#readers.has(reader)) return;
    reader.endsSent = this.log.ends;
    carrier.control('run-end', event);
    if (isGlobal) return;
    this.#forget(reader);
    carrier.end(event.status);
  }

  #forget(reader: Reader): void {
    if (this.#readers.delete(reader)) this.emit('left');
  }

  #dress(lines: LogMessage[], isGlobal: boolean): LogMessage[] {
    return isGlobal ? lines.map((line) => ({ ...line, cursor: this.log.cursor(line.id, true) })) : lines;
  }

  /** The error that answers this request, if any. */
  refusalOf(seen: SeenRequest, runId: string | undefined): StratalError | undefined {
    this.requests.push(seen);
    const refusal = this.#refusals.shift();
    if (refusal) return errorOf(refusal);
    if (runId !== undefined && runId !== RUN) return new StratalError('STRATAL_NO_RUN', 'There is no such run.');
    return undefined;
  }

  /** Begins a stream that was not refused; returns how to forget it. */
  begin(
    seen: SeenRequest,
    runId: string | undefined,
    carrier: Carrier,
    onStart?: (cursor: string) => void,
  ): () => void {
    const isGlobal = runId === undefined;
    const start = this.log.start(isGlobal, seen.after, seen.tail);
    onStart?.(start.cursor);
    const reader: Reader = {
      carrier,
      isGlobal,
      level: seen.level,
      sent: start.line,
      endsSent: isGlobal ? this.log.ends : 0,
    };
    const { first, last, status } = this.log;
    const place = isGlobal ? {} : { job_run_id: RUN, status, first, last };
    carrier.control('connected', { cursor: start.cursor, ...place });
    if (start.reset) carrier.control('reset', start.reset);
    this.#readers.add(reader);
    this.emit('came');
    this.#pump(reader);
    return () => this.#forget(reader);
  }
}

export function errorOf(refusal: Refusal): StratalError {
  return new StratalError(refusal.code, `${CATALOGUE[refusal.code].title}!`, { members: { ...refusal } });
}
