import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, freshId } from '@/e2e/api-client';
import { ProofProducer } from './proof-producer';
import type { RunPlace } from './raw-reader';
import { until } from './until';

const BATCH_MAX = 40;
const RETRY_MS = 25;
/** Between posts: a load that leaves the machine room to merge and remove. */
const POST_PAUSE_MS = 5;
const PATIENCE_MS = 60_000;
/** Posts of a run that ends at once, so that there is always something to merge. */
const SHORT_RUN_POSTS = 18;

/** Runs that are filled while something is killed, and what their producers were told. */
export class KillLoad {
  readonly runs: RunPlace[] = [];
  readonly producers: ProofProducer[] = [];
  /** `system` lines by the run's place: start and end of those made by POST. */
  readonly systemLines = new Map<number, number>();
  /** Answers that neither acknowledge nor ask for a repeat. */
  readonly faults: string[] = [];
  readonly #url: string;
  readonly #random: () => number;
  readonly #api: ApiClient;
  #isStopping = false;
  #isAbandoned = false;
  #working: Array<Promise<void>> = [];

  constructor(url: string, random: () => number) {
    this.#url = url;
    this.#random = random;
    this.#api = new ApiClient(url);
  }

  /** Lines that were answered with 200. */
  get acknowledged(): number {
    return this.producers.reduce((sum, { position }) => sum + position, 0);
  }

  /** Two long runs with two producers each, and one short run after the other. */
  start(): void {
    for (const name of ['a', 'b']) {
      const run = this.addRun(`long-${name}`);
      for (const side of ['left', 'right']) this.#working.push(this.#produce(this.#producer(`${name}-${side}`, run)));
    }
    this.#working.push(this.#makeShortRuns());
  }

  addRun(prefix: string): RunPlace {
    const run = { place: this.runs.length, id: freshId(prefix) };
    this.runs.push(run);
    return run;
  }

  /** Waits for so many acknowledged lines in all; a load that has come to a fault goes no further. */
  async untilAcknowledged(lines: number): Promise<void> {
    if (await until(() => this.acknowledged >= lines || this.#isStopping, PATIENCE_MS)) return;
    this.faults.push(`only ${this.acknowledged} of ${Math.ceil(lines)} lines were acknowledged within a minute`);
  }

  /** Resolves when every producer has been answered for all that it sent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#working);
    this.#working = [];
    this.#api.close();
  }

  /** Repeats nothing any more, whatever is still unanswered. */
  abandon(): void {
    this.#isStopping = true;
    this.#isAbandoned = true;
    this.#api.close();
  }

  #producer(name: string, run: RunPlace): ProofProducer {
    const producer = new ProofProducer({ name, run, rest: (index) => `${index * 7919}`.repeat(4) });
    this.producers.push(producer);
    return producer;
  }

  async #produce(producer: ProofProducer): Promise<void> {
    while (!this.#isStopping) await this.#sendBatch(producer);
  }

  /** One batch, again at the same position until it is acknowledged. */
  async #sendBatch(producer: ProofProducer): Promise<void> {
    const from = producer.position;
    const to = from + 1 + Math.floor(this.#random() * BATCH_MAX);
    while (producer.position < to && !this.#isAbandoned) {
      const answer = await producer.send(this.#url, from, to);
      if (answer?.status === 200 && answer.next === to) {
        await delay(POST_PAUSE_MS);
        return;
      }
      if (answer && answer.status !== 503) {
        this.faults.push(`${producer.record.name} at ${from} was answered ${JSON.stringify(answer)}`);
        return this.abandon();
      }
      await delay(RETRY_MS);
    }
  }

  async #makeShortRuns(): Promise<void> {
    for (let count = 0; !this.#isStopping; count++) {
      const run = this.addRun('short');
      this.systemLines.set(run.place, 2);
      await this.#request('POST', 'job-runs', { id: run.id, job_name: 'short' });
      const producer = this.#producer(`short-${count}`, run);
      for (let post = 0; post < SHORT_RUN_POSTS; post++) await this.#sendBatch(producer);
      await this.#request('PATCH', `job-runs/${run.id}`, { status: 'completed', exit_code: 0 });
    }
  }

  /** A request that changes nothing when it is repeated. */
  async #request(method: string, path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    while (!this.#isAbandoned) {
      const answer = await this.#api.call(method, path, { headers, body: JSON.stringify(body) }).catch(() => undefined);
      if (answer && answer.status < 300) return;
      if (answer && answer.status !== 503) {
        this.faults.push(`${method} ${path} was answered ${answer.status} ${answer.text}`);
        return this.abandon();
      }
      await delay(RETRY_MS);
    }
  }
}
