import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Fields that offer a protocol, for this connection alone. */
const OFFER = /^(upgrade|http2-settings)$/i;

/** True where a request asks for the one protocol that we upgrade to. */
export function wantsWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.trim().toLowerCase() === 'websocket';
}

/**
 * Puts a request back on its connection without its offer of another protocol, which a server may ignore (RFC 9110 §7.8). Node hands every
 * request with `Upgrade` to the upgrade listener and takes its parser off, but Java's HttpClient and `curl --http2` offer h2c with
 * ordinary requests.
 */
export function putBackUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const value = request.rawHeaders[index + 1] ?? '';
    if (OFFER.test(name)) continue;
    if (name.toLowerCase() === 'connection') {
      const rest = value.split(',').filter((option) => !OFFER.test(option.trim()));
      if (rest.length > 0) lines.push(`${name}: ${rest.join(',')}`);
    } else {
      lines.push(`${name}: ${value}`);
    }
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}
