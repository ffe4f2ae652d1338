import type { Sub } from '@/lib/protocol/socket-io';
import type { ControlFrame, StreamOutcome, StreamSink } from '@/lib/transport/stream-sink';
import type { SocketLoad } from './connection-load';
import { EncodedLinesEvent } from './line-text';
import { cutOff, type LogSocket } from './log-socket';
import type { NewestNews } from './newest-news';

/** What may be unacknowledged when the session writes on: one more write stays within 256 KiB whatever its characters. */
const LOW_WATER_BYTES = 64 * 1024;

export interface SubscriptionEffects {
  /** The client has taken a batch. */
  onAcknowledged: () => void;
  /** The subscription is over by the server's doing. */
  onEnded: () => void;
}

/** One subscription of a socket. The client's acknowledgements are its flow control, so one slow subscription does not stop the others. */
export class SubscriptionSink implements StreamSink<string> {
  readonly lowWaterBytes = LOW_WATER_BYTES;
  readonly wants = { control: true, partial: true };
  readonly #socket: LogSocket;
  readonly #sub: Sub;
  readonly #news: NewestNews;
  readonly #load: SocketLoad;
  /** What its unfinished lines wait under. */
  readonly #partials: string;
  readonly #on: SubscriptionEffects;
  #unacknowledged = 0;

  constructor(socket: LogSocket, sub: Sub, news: NewestNews, load: SocketLoad, on: SubscriptionEffects) {
    this.#socket = socket;
    this.#sub = sub;
    this.#news = news;
    this.#load = load;
    this.#partials = `partial ${JSON.stringify(sub)} `;
    this.#on = on;
  }

  /** While the connection as a whole holds too much, too much for this subscription, too. */
  get unsentBytes(): number {
    return this.#load.connection.isFull ? Math.max(this.#unacknowledged, LOW_WATER_BYTES + 1) : this.#unacknowledged;
  }

  /** True where only what others left on the connection may keep this one from writing. */
  get isOwnTaken(): boolean {
    return this.#unacknowledged <= LOW_WATER_BYTES;
  }

  writeLines(chunks: readonly string[], cursor: string): void {
    const bytes = chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0);
    this.#unacknowledged += bytes;
    const acknowledge = this.#load.takeBatch(bytes);
    // One that waited may be of a line that has ended here.
    this.#news.drop(this.#partials);
    // Socket.IO calls it once, whatever the client sends.
    this.#socket.emit('lines', new EncodedLinesEvent(this.#sub, cursor, chunks), () => {
      this.#unacknowledged -= bytes;
      acknowledge();
      this.#on.onAcknowledged();
    });
  }

  writeControl(control: ControlFrame): void {
    if (control.type !== 'partial') {
      emitControl(this.#socket, this.#sub, control);
      return;
    }
    const { job_run_id: run, task_run_id: task = '', stream } = control.payload;
    this.#news.send(`${this.#partials}${run} ${task} ${stream}`, () => emitControl(this.#socket, this.#sub, control));
  }

  /** After run-end the subscription is just over; otherwise the client is to connect again and subscribe at its cursors. */
  end(outcome: StreamOutcome): void {
    this.#news.drop(this.#partials);
    this.#on.onEnded();
    if (outcome.kind !== 'ended') cutOff(this.#socket);
  }
}

/** Sends a control event with the name of its subscription. */
export function emitControl(socket: LogSocket, sub: Sub, { type, payload }: ControlFrame): void {
  switch (type) {
    case 'connected':
      socket.emit(type, { sub, ...payload });
      break;
    case 'progress':
      socket.emit(type, { sub, ...payload });
      break;
    case 'reset':
      socket.emit(type, { sub, ...payload });
      break;
    case 'run-end':
      socket.emit(type, { sub, ...payload });
      break;
    case 'partial':
      socket.emit(type, { sub, ...payload });
      break;
  }
}
