import type { Socket } from 'socket.io';
import type { ClientEvents, ServerEvents } from '@/lib/protocol/socket-io';
import type { EncodedLinesEvent } from './line-text';

/** The server's events with `lines` encoded ahead. */
export type SentEvents = Omit<ServerEvents, 'lines'> & { lines: (event: EncodedLinesEvent, ack: () => void) => void };

/** Nothing that a client sends is what its type says before it was parsed. */
type Untrusted<Events> = { [Name in keyof Events]: (input: unknown, ack: unknown) => void };
export type HeardEvents = Untrusted<ClientEvents>;

export type LogSocket = Socket<HeardEvents, SentEvents>;

/** Ends the connection so that the client comes back by itself, which it does not after Socket.IO's own disconnect. */
export function cutOff(socket: LogSocket): void {
  socket.conn.close();
}
