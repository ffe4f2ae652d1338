import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE } from '@/lib/protocol/close-codes';
import { toPublicError } from '@/lib/transport/problem-answer';
import type { ControlFrame, StreamOutcome, StreamSink } from '@/lib/transport/stream-sink';
import { textFrame } from './frames';

const LOW_WATER_BYTES = 64 * 1024;

/**
 * A stream as whole text frames, written to the socket itself: one write for any number of lines, where `ws.send` makes one for each. That
 * is sound because every write is whole frames and nothing else sends data on this socket: `ws` sends only control frames, and nothing is
 * compressed.
 */
export class WebSocketSink implements StreamSink<Buffer> {
  readonly lowWaterBytes = LOW_WATER_BYTES;
  readonly wants: { control: boolean; partial: boolean };
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #onFlushed: () => void;

  constructor(webSocket: WebSocket, socket: Duplex, speaksControl: boolean, onFlushed: () => void) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#onFlushed = onFlushed;
    this.wants = { control: speaksControl, partial: speaksControl };
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  writeLines(chunks: readonly Buffer[]): void {
    this.#write(chunks);
  }

  writeControl({ type, payload }: ControlFrame): void {
    if (this.wants.control) this.#write([textFrame(JSON.stringify({ type, ...payload }))]);
  }

  end(outcome: StreamOutcome): void {
    const [code, reason] = closeOf(outcome);
    this.#webSocket.close(code, reason);
  }

  #write(chunks: readonly Buffer[]): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const socket = this.#socket;
    if (chunks.length > 1) socket.cork();
    for (const chunk of chunks) socket.write(chunk, this.#onFlushed);
    if (chunks.length > 1) socket.uncork();
  }
}

/** Close code and reason; a reason has at most 123 bytes (RFC 6455 §5.5). */
function closeOf(outcome: StreamOutcome): [number, string] {
  switch (outcome.kind) {
    case 'ended':
      return [CLOSE.ended, outcome.status];
    case 'draining':
      return [CLOSE.draining, 'reconnect'];
    case 'stalled':
      return [CLOSE.stalled, 'no progress'];
    case 'gone':
      return [CLOSE.noSuchRun, 'the job run was deleted'];
    case 'reset':
      return [CLOSE.reset, outcome.event.reason];
    case 'failed':
      return [toPublicError(outcome.error).closeCode, 'the store does not answer'];
  }
}
