import type { Duplex } from 'node:stream';
import type { StratalError } from '@/lib/errors/stratal-error';
import { problemAnswer } from './problem-answer';

/** What the other side still sends is taken for so long: a connection cut before that takes the answer with it. */
const LINGER_MS = 1000;

/** Answers on a connection that Node has taken its hands off, or never got a request from, and ends it whatever the peer does. */
export function refuseSocket(socket: Duplex, error: StratalError, extra: Readonly<Record<string, string>> = {}): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(error);
  const fields = { ...headers, ...extra, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
  socket.once('end', () => socket.destroy());
  // Node has taken its own listener off: a connection that breaks now is nobody's error.
  socket.on('error', () => socket.destroy());
  // Away from Node's parser, which would report each piece as another error.
  socket.removeAllListeners('data');
  socket.on('data', () => {});
  socket.end(`HTTP/1.1 ${status} ${error.toProblem().title}\r\n${lines.join('')}\r\n${body}`);
}
