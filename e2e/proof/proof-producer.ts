import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { z } from 'zod';
import { API_BASE } from '@/lib/protocol/api';
import type { RunPlace } from './raw-reader';
import type { ProducerRecord, Refusal } from './transcript';

/** What an ingest answers, good or bad: all members that WIRE.md names. */
const answerSchema = z.object({
  code: z.string().optional(),
  accepted: z.number().optional(),
  skipped: z.number().optional(),
  next: z.number().nullish(),
  line: z.number().optional(),
  field: z.string().optional(),
});

export type ProducerAnswer = z.infer<typeof answerSchema> & { status: number };

export interface ProducerOptions {
  name: string;
  run: RunPlace;
  /** What follows `<name> <index> ` in a message. */
  rest?: (index: number) => string;
  level?: (index: number) => string;
  /** Two producers of one source are one program, started twice. */
  source?: string;
}

export interface SendOptions {
  /** Lines that are sent after the good ones, as they are. */
  raw?: readonly string[];
  /** So many bytes of the body are sent, then the connection is destroyed. */
  cutAfterBytes?: number;
}

const agent = new http.Agent({ keepAlive: true });

/** A program that sends lines with a source and position, in whatever batches it is told, and keeps what it was answered. */
export class ProofProducer {
  readonly record: ProducerRecord & { refusals: Refusal[] };
  readonly source: string;
  readonly #options: ProducerOptions;

  constructor(options: ProducerOptions) {
    const { name, run, rest = () => '', source = randomUUID() } = options;
    this.#options = options;
    this.source = source;
    const text = (index: number) => `${name} ${index} ${rest(index)}`;
    this.record = { name, run: run.place, text, sent: 0, acknowledged: 0, refusals: [] };
  }

  get position(): number {
    return this.record.acknowledged;
  }

  /** The body of the messages from `from` to `to` (exclusive). */
  body(from: number, to: number): string {
    const { level } = this.#options;
    let text = '';
    for (let index = from; index < to; index++) {
      const line = { message: this.record.text(index), ...(level && { level: level(index) }) };
      text += `${JSON.stringify(line)}\n`;
    }
    return text;
  }

  /** Sends messages from `from` to `to` (exclusive) as one batch. Undefined: there was no answer. */
  async send(url: string, from: number, to: number, options: SendOptions = {}): Promise<ProducerAnswer | undefined> {
    this.record.sent = Math.max(this.record.sent, to);
    const body = Buffer.from(this.body(from, to) + (options.raw ?? []).map((line) => `${line}\n`).join(''));
    const answer = await this.post(url, from, body, options.cutAfterBytes).catch(() => undefined);
    if (answer) this.#note(answer, to);
    return answer;
  }

  /** Sends a batch whose line after the good ones is bad, with more behind it; keeps what is said of that. */
  async sendBad(url: string, from: number, to: number, bad: { json: string; field: string }): Promise<void> {
    const beyond = `${this.record.name}-beyond-${from}`;
    const raw = [bad.json, ...[0, 1, 2].map((index) => JSON.stringify({ message: `${beyond} ${index}` }))];
    const known = Math.max(0, Math.min(to, this.position) - from);
    const answer = await this.send(url, from, to, { raw });
    if (!answer) throw new Error('a bad batch got no answer');
    this.record.refusals.push({ position: from, known, line: to - from + 1, field: bad.field, beyond, answer });
  }

  /** Posts a body; rejects where the connection breaks before the answer. */
  post(url: string, position: number, body: Buffer, cutAfterBytes?: number): Promise<ProducerAnswer> {
    return new Promise((resolve, reject) => {
      const request = http.request(`${url}${API_BASE}/job-runs/${this.#options.run.id}/logs`, {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/x-ndjson',
          'content-length': body.length,
          'stratal-source': this.source,
          'stratal-position': String(position),
        },
      });
      request.on('error', reject);
      request.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject);
        response.once('close', () => reject(new Error('the answer broke off')));
        response.once('end', () => {
          try {
            resolve({ status: response.statusCode ?? 0, ...answerSchema.parse(JSON.parse(text)) });
          } catch (error) {
            reject(error);
          }
        });
      });
      if (cutAfterBytes === undefined) request.end(body);
      else request.write(body.subarray(0, cutAfterBytes), () => request.destroy(new Error('cut by the proof')));
    });
  }

  /** A good answer acknowledges; a refusal does as far as the messages go that it was asked to store. */
  #note({ status, next }: ProducerAnswer, to: number): void {
    if (typeof next !== 'number' || (status !== 200 && status !== 400)) return;
    this.record.acknowledged = Math.max(this.record.acknowledged, status === 200 ? next : Math.min(next, to));
  }
}
