import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The answer that each connection still waits for. */
export class OpenAnswers {
  readonly #newest = new WeakMap<Duplex, ServerResponse>();

  note({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#newest.set(socket, response);
  }

  /** True where an answer can still be written to the connection as a whole: none is on its way. */
  mayAnswer(socket: Duplex): boolean {
    const response = this.#newest.get(socket);
    if (!response) return true;
    // What is wrong with the rest of a request that has its answer is not told: it would pass for the next one's.
    if (response.writableFinished) return response.req.complete;
    // One that waits for its turn behind another has no socket yet.
    return !response.headersSent && response.socket === socket;
  }

  /**
   * Cuts a connection that offers another protocol while an earlier request on it has no whole answer yet; true where it did. Node takes
   * its hands off the connection at the offer, so that answer would wait for ever, and what makes it would not hear of its reader's end.
   */
  cutIfOpen(socket: Duplex): boolean {
    const response = this.#newest.get(socket);
    if (!response || response.writableFinished || response.destroyed) return false;
    response.destroy();
    socket.destroy();
    return true;
  }
}
