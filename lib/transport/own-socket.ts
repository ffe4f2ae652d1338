import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Resolves to the connection when it is the response's turn: behind earlier answers on the same connection it has to wait. Undefined where the
 * connection ended before, of which a response without a socket hears nothing.
 */
export function ownSocket(request: IncomingMessage, response: ServerResponse): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const { socket } = request;
    if (response.socket || socket.destroyed) return resolve(socket.destroyed ? undefined : socket);
    const onSocket = () => {
      socket.off('close', onClose);
      resolve(socket);
    };
    const onClose = () => {
      response.off('socket', onSocket);
      resolve(undefined);
    };
    // Any number of answers may wait on one connection: no sign of a leak.
    socket.setMaxListeners(0);
    response.once('socket', onSocket);
    socket.once('close', onClose);
  });
}
