import { once } from 'node:events';

interface Flight<Result> {
  readers: number;
  abort: AbortController;
  result: Promise<Result>;
}

/**
 * Reads that are asked for while the same one is under way are that one. It ends when all who wait for it have gone. At most `max` are
 * under way; others wait for their turn in the order in which they came.
 */
export class SharedReads<Result> {
  readonly #flights = new Map<string, Flight<Result>>();
  readonly #waiting: Array<() => void> = [];
  #free: number;

  constructor(max: number) {
    this.#free = max;
  }

  /** Rejects with the signal's reason as soon as that aborts, else as the read does. */
  async read(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#begin(key, start);
    flight.readers += 1;
    const settled = new AbortController();
    try {
      const left = once(signal, 'abort', { signal: settled.signal }).then(() => Promise.reject(signal.reason));
      return await Promise.race([flight.result, left]);
    } finally {
      settled.abort();
      flight.readers -= 1;
      if (flight.readers === 0) this.#end(key, flight);
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<Result>): Flight<Result> {
    const abort = new AbortController();
    const flight: Flight<Result> = { readers: 0, abort, result: this.#inTurn(abort.signal, start) };
    this.#flights.set(key, flight);
    const onSettled = () => this.#forget(key, flight);
    flight.result.then(onSettled, onSettled);
    return flight;
  }

  async #inTurn(signal: AbortSignal, start: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await start(signal);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  /** Nobody waits for it any more. */
  #end(key: string, flight: Flight<Result>): void {
    this.#forget(key, flight);
    flight.abort.abort();
  }

  #forget(key: string, flight: Flight<Result>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
