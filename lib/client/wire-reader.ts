import { z } from 'zod';
import { type LogMessage, logMessageSchema } from '@/lib/protocol/log-message';
import { controlSchemas } from '@/lib/protocol/stream-events';
import { StreamError } from './client-errors';
import type { TransportEvent } from './transport';

/**
 * Turns what arrives into reports, in the order of the wire: lines gather until `flush`, and anything else flushes them
 * first. Nothing is trusted: what cannot be read is reported and left out.
 */
export class WireReader {
  readonly #report: (event: TransportEvent) => void;
  #lines: LogMessage[] = [];
  #cursor: string | undefined;

  constructor(report: (event: TransportEvent) => void) {
    this.#report = report;
  }

  /** One line; `cursor` where the wire gives one beside it. */
  line(value: unknown, cursor?: string): void {
    const parsed = logMessageSchema.safeParse(value);
    if (!parsed.success) {
      this.malformed('A line could not be read.', 1, parsed.error);
      return;
    }
    this.#lines.push(parsed.data);
    this.#cursor = cursor;
  }

  /** A control event; one of a type that this client does not know is passed over. */
  control(type: string, value: unknown): void {
    this.flush();
    let event: TransportEvent | undefined;
    try {
      event = readControl(type, value);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      this.malformed(`An event of type ${type} could not be read.`, 0, error);
    }
    if (event) this.#report(event);
  }

  /** @param lines how many lines of the log may be lost with the message */
  malformed(text: string, lines: number, cause?: unknown): void {
    this.flush();
    this.#report({ type: 'malformed', error: new StreamError('malformed', text, cause), lines });
  }

  /** Hands over the gathered lines; `cursor` is the batch's own, where the wire gives one. */
  flush(cursor = this.#cursor): void {
    if (this.#lines.length === 0 && cursor === undefined) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#cursor = undefined;
    this.#report(cursor === undefined ? { type: 'lines', lines } : { type: 'lines', lines, cursor });
  }
}

/** Throws ZodError where the event is not what its type says. */
function readControl(type: string, value: unknown): TransportEvent | undefined {
  switch (type) {
    case 'connected':
      return { type, event: controlSchemas.connected.parse(value) };
    case 'progress':
      return { type, event: controlSchemas.progress.parse(value) };
    case 'reset':
      return { type, event: controlSchemas.reset.parse(value) };
    case 'run-end':
      return { type, event: controlSchemas['run-end'].parse(value) };
    case 'partial':
      return { type, event: controlSchemas.partial.parse(value) };
    default:
      return undefined;
  }
}

/** The value of a JSON text, or undefined where it is none (JSON has no undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A member of a value that may be anything. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
