import { get } from 'node:http';
import { connect } from 'node:net';

/** The answer of a GET as text. Anything but 200 is an error. */
export function readText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = get(url, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(pieces).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url}: ${response.statusCode} ${text}`));
      });
    });
    call.once('error', reject);
  });
}

/** Takes all that a server sends until it closes, and looks at nothing of it: the bytes. Without a path nothing is asked. */
export function drain(port: number, path?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (length) => {
          bytes += length;
          return true;
        },
      },
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(bytes));
    if (path !== undefined)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
  });
}
