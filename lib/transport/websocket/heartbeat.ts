import type { WebSocket } from 'ws';
import type { Clock } from '@/lib/feed/clock';
import { PROGRESS_INTERVAL_MS } from '@/lib/protocol/limits';

/** Pings without an answer before a peer counts as dead. */
const MISSED_PINGS_MAX = 2;

/** Pings every open WebSocket every 15 s, which is also the heartbeat of bare readers, and drops peers that do not answer. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #missed = new Map<WebSocket, number>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(socket: WebSocket): void {
    this.#missed.set(socket, 0);
    socket.on('pong', () => this.#missed.set(socket, 0));
    socket.once('close', () => this.#remove(socket));
    this.#cancel ??= this.#clock.after(PROGRESS_INTERVAL_MS, () => this.#beat());
  }

  #remove(socket: WebSocket): void {
    socket.removeAllListeners('pong');
    this.#missed.delete(socket);
    if (this.#missed.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #beat(): void {
    for (const [socket, missed] of this.#missed) {
      // A ping waits behind unsent lines; a reader that does not take those is the session's to judge.
      if (missed >= MISSED_PINGS_MAX && socket.bufferedAmount === 0) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        this.#missed.set(socket, missed + 1);
        socket.ping();
      }
    }
    this.#cancel = this.#missed.size > 0 ? this.#clock.after(PROGRESS_INTERVAL_MS, () => this.#beat()) : undefined;
  }
}
