import type { ConnectionLoad } from './connection-load';
import type { LogSocket } from './log-socket';

/** With more unsent the rest of the news waits on: those of one moment may be many, and a run's metadata is large. */
const UNSENT_BYTES_MAX = 256 * 1024;

/**
 * What a socket is told of the present alone: changed runs, the status, unfinished lines. While its client does not take what was sent
 * before, the newest of each is kept and the older ones are not sent, so that a client that never reads costs no more than that.
 */
export class NewestNews {
  readonly #socket: LogSocket;
  readonly #load: Pick<ConnectionLoad, 'unsentBytes'>;
  readonly #waiting = new Map<string, () => void>();

  constructor(socket: LogSocket, load: Pick<ConnectionLoad, 'unsentBytes'>) {
    this.#socket = socket;
    this.#load = load;
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
    for (const [key, emit] of [...this.#waiting]) {
      if (this.#load.unsentBytes > UNSENT_BYTES_MAX) {
        this.#socket.conn.transport.once('ready', () => this.#flush());
        return;
      }
      this.#waiting.delete(key);
      emit();
    }
  }
}
