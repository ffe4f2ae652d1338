import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { type Answer, ApiClient, freshId } from './api-client';
import { seeded } from './seeded';
import { StratalServer } from './stratal-server';

/** Lines that were acknowledged outlive `kill -9`, each once and in order. */

const KILLS = 2;
const PRODUCERS = 4;

/** A producer with its own source: sends batch after batch, and one that got no answer again. */
class Producer {
  readonly source = randomUUID();
  readonly #api: ApiClient;
  readonly #run: string;
  readonly #name: string;
  /** Lines that the server has acknowledged. */
  acknowledged = 0;
  /** Answers that were neither an acknowledgement nor a way on. */
  readonly faults: string[] = [];

  constructor(api: ApiClient, run: string, name: string) {
    this.#api = api;
    this.#run = run;
    this.#name = name;
  }

  line(index: number): string {
    return `${this.#name} ${index}`;
  }

  async send(count: number): Promise<void> {
    const from = this.acknowledged;
    const lines = Array.from({ length: count }, (_, index) => this.line(from + index));
    const headers = { 'stratal-source': this.source, 'stratal-position': String(from) };
    const answer: Answer | undefined = await this.#api.lines(this.#run, lines, headers).catch(() => undefined);
    if (!answer) return;
    if (answer.status === 200) this.acknowledged = Number(answer.json('next'));
    else if (answer.status !== 503) this.faults.push(answer.text);
  }
}

test('after each kill every acknowledged line is there once', async () => {
  const server = await StratalServer.start();
  const api = new ApiClient(server.url);
  const random = seeded(20_241_123);
  const run = freshId();
  const producers = Array.from({ length: PRODUCERS }, (_, index) => new Producer(api, run, `p${index}`));
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      let isUp = true;
      const sending = producers.map(async (producer) => {
        while (isUp) await producer.send(1 + Math.floor(random() * 200));
      });
      const target = producers.map((producer) => producer.acknowledged + 500 + Math.floor(random() * 1500));
      await expect
        .poll(() => producers.some((producer, index) => producer.acknowledged >= (target[index] ?? 0)), {
          intervals: [1],
        })
        .toBe(true);
      await server.stop('SIGKILL');
      isUp = false;
      await Promise.all(sending);
      await server.startAgain();
    }
    const file = await api.get(`logs/job-runs/${run}/download?format=raw`);
    const stored = file.text.split('\n').slice(0, -1);
    for (const producer of producers) {
      expect(producer.faults).toEqual([]);
      const own = stored.filter((line) => line.startsWith(`${producer.line(0).split(' ')[0]} `));
      // What was not acknowledged may be there, once and in its place.
      expect(own.length).toBeGreaterThanOrEqual(producer.acknowledged);
      expect(own).toEqual(own.map((_, index) => producer.line(index)));
    }
    expect((await api.get(`job-runs/${run}`)).json('line_count')).toBe(stored.length);
  } finally {
    api.close();
    await server.close();
  }
});
