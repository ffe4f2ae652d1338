import { once } from 'node:events';
import net from 'node:net';
import { expect } from '@playwright/test';
import { CATALOGUE, type ErrorCode } from '@/lib/errors/catalogue';
import { Answer } from './api-client';

/**
 * Sends bytes as they are, in these pieces, and gives all that comes back until the server ends the connection or `isEnough`. `mayHang`:
 * what was sent may be no whole request, so the client ends its side once the server has had its turn.
 */
export async function exchange(
  port: number,
  pieces: readonly (string | Buffer)[],
  isEnough: (received: Buffer) => boolean = () => false,
  mayHang = false,
): Promise<Buffer> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  const over = new Promise<void>((resolve) => {
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      if (isEnough(received)) resolve();
    });
    // A server that refuses early may reset what is still being sent.
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  for (const piece of pieces) {
    if (!socket.writable) break;
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  if (mayHang) {
    // A later request on another connection is answered: this one's turn, if it was one, has come.
    await Promise.race([over, fetch(`http://127.0.0.1:${port}/api/v1/logs/stream/status`).then((it) => it.text())]);
    socket.end();
  }
  await over;
  socket.destroy();
  return received;
}

/** The first answer in what came back; undefined where there is none. */
export function firstAnswer(received: Buffer): Answer | undefined {
  const text = received.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (end < 0 || status === undefined) return undefined;
  const fields = text.slice(0, end).split('\r\n').slice(1);
  const headers = Object.fromEntries(
    fields.map((field) => {
      const at = field.indexOf(':');
      return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
    }),
  );
  return new Answer(Number(status), headers, received.subarray(end + 4));
}

/** What no answer may tell: stacks, paths and words of what is inside. */
export const INSIDES =
  /\n\s+at |node_modules|node:internal|dist\/server|\.next\/|PostgresError|ZodError|\b(Type|Syntax|Range)Error\b/;

/** An answer that refuses is a problem object of the catalogue, the client's fault, and tells nothing of the insides. */
export function expectCleanAnswer(answer: Answer, what: string, mayBePage = false): void {
  expect(answer.text, what).not.toMatch(INSIDES);
  if (answer.status < 400) return;
  expect(answer.status, `${what}: ${answer.text.slice(0, 300)}`).toBeLessThan(500);
  // Outside the API, people are told by a page.
  if (mayBePage && answer.headers['content-type']?.startsWith('text/html')) return;
  expect(answer.headers['content-type'], what).toBe('application/problem+json');
  if (answer.text === '') return; // Of HEAD.
  const code = answer.json('code');
  expect(Object.keys(CATALOGUE), what).toContain(code);
  expect(answer.json('status'), what).toBe(answer.status);
  expect(CATALOGUE[code as ErrorCode].status, what).toBe(answer.status);
  expect(answer.json('detail'), what).toMatch(/\w+ \w+/);
}
