import type { LogSocket } from './log-socket';

/**
 * What a socket is told of the present alone: changed runs, the status, unfinished lines. While its client does not take what was sent
 * before, the newest of each is kept and the older ones are not sent, so that a client that never reads costs no more than that.
 */
export class NewestNews {
  readonly #socket: LogSocket;
  readonly #waiting = new Map<string, () => void>();

  constructor(socket: LogSocket) {
    this.#socket = socket;
  }

  /** Emits now, or once the client has taken the earlier ones; until then a later call with the same key takes its place. */
  send(key: string, emit: () => void): void {
    const { transport } = this.#socket.conn;
    if (this.#waiting.size === 0) {
      if (transport.writable) {
        emit();
        return;
      }
      transport.once('ready', () => this.#flush());
    }
    this.#waiting.set(key, emit);
  }

  /** Takes back what waits under keys that begin so. */
  drop(prefix: string): void {
    // They stay as nothing: the one wait for 'ready' is told by the map not being empty.
    for (const key of this.#waiting.keys()) if (key.startsWith(prefix)) this.#waiting.set(key, () => {});
  }

  #flush(): void {
    const emits = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const emit of emits) emit();
  }
}
