import type { LogSocket } from './log-socket';

type Connection = LogSocket['conn'];

/**
 * What a connection may hold for its client: with more unsent, or more lines unacknowledged, no subscription of it writes on, and with
 * more unsent it is not heard either. The subscriptions of a busy page catch up within it; one at a time holds a small part of it.
 */
export const CONNECTION_BYTES_MAX = 4 * 1024 * 1024;
/** An acknowledgement that is waited for takes memory, however short its lines are. */
const BATCH_OVERHEAD_BYTES = 512;

/**
 * What one connection has not got rid of, whichever of its sockets and subscriptions it is of, and whether they are still there: what was
 * written for one that has ended waits in Engine.IO's buffer like the rest. That buffer is in front of the TCP socket, whose own
 * `writableLength` does not see it.
 */
export class ConnectionLoad {
  readonly #tcp: Connection['request']['socket'];
  /** In Engine.IO's buffer. */
  #queued = 0;
  /** Handed to the TCP socket in one go, and not taken as a whole. */
  #flushing = 0;
  #unacknowledged = 0;
  #isDeaf = false;
  readonly #waiting = new Set<() => void>();

  constructor(connection: Connection) {
    const { transport, request } = connection;
    this.#tcp = request.socket;
    connection.on('packetCreate', ({ data }: { data?: unknown }) => {
      this.#queued += typeof data === 'string' ? data.length : 0;
    });
    connection.on('flush', () => {
      this.#flushing += this.#queued;
      this.#queued = 0;
    });
    transport.on('drain', () => this.#drained());
    this.#tcp.on('data', () => this.#heard());
  }

  get unsentBytes(): number {
    return this.#queued + this.#flushing;
  }

  /** True where no subscription is to write on. */
  get isFull(): boolean {
    return this.unsentBytes > CONNECTION_BYTES_MAX || this.#unacknowledged > CONNECTION_BYTES_MAX;
  }

  /** Calls whenever a full connection has got rid of something. */
  onRoom(call: () => void): () => void {
    this.#waiting.add(call);
    return () => this.#waiting.delete(call);
  }

  /** Counts lines until they are acknowledged, or can no longer be. */
  addUnacknowledged(bytes: number): void {
    this.#change(() => {
      this.#unacknowledged += bytes;
    });
  }

  #drained(): void {
    this.#change(() => {
      this.#flushing = 0;
    });
    if (!this.#isDeaf || this.unsentBytes > CONNECTION_BYTES_MAX) return;
    this.#isDeaf = false;
    this.#tcp.resume();
  }

  /** Every event has an answer, so a client that is heard and never reads would fill the memory. */
  #heard(): void {
    if (this.unsentBytes <= CONNECTION_BYTES_MAX) return;
    this.#isDeaf = true;
    this.#tcp.pause();
  }

  #change(change: () => void): void {
    const wasFull = this.isFull;
    change();
    if (wasFull) for (const call of [...this.#waiting]) call();
  }
}

/** The part of one socket of a connection: what is unacknowledged on it cannot be acknowledged any more once it has left. */
export class SocketLoad {
  readonly connection: ConnectionLoad;
  #unacknowledged = 0;
  #isOver = false;

  constructor(connection: ConnectionLoad) {
    this.connection = connection;
  }

  /** Counts a batch of lines; the returned function is called when it is acknowledged. */
  takeBatch(bytes: number): () => void {
    const counted = bytes + BATCH_OVERHEAD_BYTES;
    this.#add(counted);
    return () => this.#add(-counted);
  }

  end(): void {
    this.#add(-this.#unacknowledged);
    this.#isOver = true;
  }

  #add(bytes: number): void {
    if (this.#isOver) return;
    this.#unacknowledged += bytes;
    this.connection.addUnacknowledged(bytes);
  }
}
