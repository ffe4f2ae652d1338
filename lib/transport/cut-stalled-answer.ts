import type { ServerResponse } from 'node:http';

/** As long as nginx gives a reader between two reads of an answer (`send_timeout`). */
const STALLED_ANSWER_MS = 60_000;

/**
 * Cuts the connection of an answer of which its reader has taken nothing for `stallMs` while there was something to take, so that whoever
 * asks and does not read holds no memory for ever. An answer that is still being made has no bound. Call once, before anything is written.
 */
export function cutStalledAnswer(response: ServerResponse, stallMs = STALLED_ANSWER_MS): void {
  response.setTimeout(stallMs, () => {
    const { socket } = response;
    if (socket && socket.writableLength > 0) socket.destroy();
  });
  // A body on the same connection may be silent for as long as its program runs. Before Node's own listener, which begins the time that a
  // connection without a request is kept.
  response.prependOnceListener('finish', () => response.socket?.setTimeout(0));
}
