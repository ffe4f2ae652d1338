import type { IncomingMessage } from 'node:http';

/**
 * Takes the rest of a body whose request is answered. Many clients read the answer only when all of their body is sent, and on a
 * connection that stays open nobody else would take it: Node does so for bodies that nobody has begun to read, but Next begins with each.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.removeAllListeners('readable');
  request.removeAllListeners('data');
  request.resume();
}
