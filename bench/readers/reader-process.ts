import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type ReadersAnswer, type ReadersRequest, readersAnswerSchema } from './messages';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type OpenRequest = Omit<Extract<ReadersRequest, { ask: 'open' }>, 'id' | 'ask'>;

/** Readers of one stream in a process of their own: thousands of sockets there cost the posting side nothing. */
export class ReaderProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (answer: ReadersAnswer) => void; reject: (error: Error) => void }>();
  #asked = 0;

  constructor() {
    this.#child = fork(path.join(import.meta.dirname, 'main.ts'), { execArgv: ['--import', 'tsx'] });
    this.#child.on('message', (message) => {
      const answer = readersAnswerSchema.parse(message);
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(`readers: ${answer.error}`));
    });
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the readers' process ended with ${code}`));
    });
  }

  /** Opens the readers of one load; those before have to be closed. */
  async open(request: OpenRequest): Promise<void> {
    await this.#ask({ ask: 'open', ...request });
  }

  /** Waits until every reader has got the marker. Fails where a stream broke. */
  reached(): Promise<ReadersAnswer> {
    return this.#ask({ ask: 'reached' });
  }

  /** The last reader takes nothing more, and is not waited for. */
  async stallOne(): Promise<void> {
    await this.#ask({ ask: 'stall' });
  }

  /** The reader that was stalled leaves. */
  async dropStalled(): Promise<void> {
    await this.#ask({ ask: 'drop-stalled' });
  }

  async close(): Promise<void> {
    await this.#ask({ ask: 'close' });
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }

  #ask(request: WithoutId<ReadersRequest>): Promise<ReadersAnswer> {
    return new Promise((resolve, reject) => {
      const id = this.#asked++;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ ...request, id });
    });
  }
}
