import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { streamSchema } from '@/lib/protocol/log-message';
import type { Bus, BusHandlers, BusMessage, PartialLine } from './bus';
import { type Clock, systemClock } from './clock';
import { sourceKey } from './run-feed';

/** LISTEN and NOTIFY on connections of their own. `onListen` is called each time the channel is heard (again). */
export interface NotificationClient {
  listen(channel: string, onNotify: (payload: string) => void, onListen: () => void): Promise<unknown>;
  notify(channel: string, payload: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface PostgresBusOptions {
  client: NotificationClient;
  clock?: Clock;
  /** Observability: an announcement was lost; the other nodes look at the head by themselves. */
  onError?: (error: unknown) => void;
}

const CHANNEL = 'stratal';
/** Postgres refuses payloads of 8000 bytes and more. */
const PAYLOAD_BYTES_MAX = 7900;
/** Of a run's key with its comma, generously. */
const KEYS_PER_PAYLOAD = 400;
/** Every NOTIFY takes a lock of the whole cluster at its commit: commits that come faster than this share one. */
const NOTIFY_INTERVAL_MS = 10;

const runSchema = z.object({ key: z.number(), id: z.string() });
const taskSchema = z.object({ key: z.number(), id: z.string(), name: z.string(), attempt: z.number() });
const partialSchema = z.object({
  run: runSchema,
  task: taskSchema.optional(),
  stream: streamSchema,
  message: z.string(),
  atUs: z.number(),
  position: z.number(),
});
const payloadSchema = z.object({
  node: z.string(),
  position: z.number().default(0),
  runs: z.array(z.number()).default([]),
  partial: partialSchema.optional(),
});
type Payload = z.input<typeof payloadSchema>;

/**
 * Announces commits to the other nodes on one Postgres. Never part of an append and never waited for: what comes while a NOTIFY is under
 * way, or within 10 ms of the last one, goes out together.
 */
export class PostgresBus implements Bus {
  readonly #client: NotificationClient;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #node = randomBytes(6).toString('hex');
  #position = 0;
  #runs = new Set<number>();
  #partials = new Map<string, PartialLine>();
  #isSending = false;
  #isClosed = false;

  constructor({ client, clock = systemClock, onError = () => {} }: PostgresBusOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#onError = onError;
  }

  async start(handlers: BusHandlers): Promise<void> {
    await this.#client.listen(CHANNEL, (text) => this.#hear(text, handlers), handlers.onGap);
  }

  announce({ position, runs, partials }: BusMessage): void {
    if (this.#isClosed) return;
    this.#position = Math.max(this.#position, position);
    for (const key of runs) this.#runs.add(key);
    for (const partial of partials) {
      this.#partials.set(`${partial.run.key}/${sourceKey(partial.task, partial.stream)}`, partial);
    }
    if (!this.#isSending) void this.#send();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client.close();
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    for (let payloads = this.#take(); payloads.length > 0 && !this.#isClosed; payloads = this.#take()) {
      const startedAt = this.#clock.now();
      for (const payload of payloads) {
        await this.#client.notify(CHANNEL, payload).catch((error: unknown) => {
          if (!this.#isClosed) this.#onError(error);
        });
      }
      const wait = startedAt + NOTIFY_INTERVAL_MS - this.#clock.now();
      if (wait > 0) await new Promise<void>((resolve) => this.#clock.after(wait, resolve));
    }
    this.#isSending = false;
  }

  /** Everything that waits, as payloads within Postgres' bound. */
  #take(): string[] {
    const node = this.#node;
    const position = this.#position;
    const runs = [...this.#runs];
    const partials = [...this.#partials.values()];
    this.#position = 0;
    this.#runs = new Set();
    this.#partials = new Map();
    const payloads: Payload[] = [];
    for (let from = 0; from < runs.length || (from === 0 && position > 0); from += KEYS_PER_PAYLOAD) {
      payloads.push({ node, position, runs: runs.slice(from, from + KEYS_PER_PAYLOAD) });
    }
    return [...payloads.map((payload) => JSON.stringify(payload)), ...partials.flatMap((p) => partialPayload(node, p))];
  }

  #hear(text: string, handlers: BusHandlers): void {
    const parsed = payloadSchema.safeParse(parseJson(text));
    if (!parsed.success || parsed.data.node === this.#node) return;
    const { position, runs, partial } = parsed.data;
    handlers.onMessage({ position, runs, partials: partial ? [{ ...partial, task: partial.task }] : [] });
  }
}

/** A partial whose escapes make it too long goes with its newest part. */
function partialPayload(node: string, partial: PartialLine): string[] {
  let { message } = partial;
  for (;;) {
    const payload = JSON.stringify({ node, partial: { ...partial, message } } satisfies Payload);
    if (Buffer.byteLength(payload) <= PAYLOAD_BYTES_MAX) return [payload];
    if (message === '') return [];
    message = message.slice(Math.ceil(message.length / 2)).replace(/^[\uDC00-\uDFFF]/, '');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
