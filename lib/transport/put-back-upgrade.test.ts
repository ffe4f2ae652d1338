import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { putBackUpgrade, wantsWebSocket } from './put-back-upgrade';

describe('a request that offers a protocol which is not WebSocket', () => {
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { upgrade, connection, 'http2-settings': settings, 'x-kept': kept } = request.headers;
    response.end(
      JSON.stringify({ method: request.method, url: request.url, upgrade, connection, settings, kept, body }),
    );
  });
  let port = 0;

  before(async () => {
    server.on('upgrade', (request, socket, head) => {
      if (wantsWebSocket(request)) socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      else putBackUpgrade(server, request, socket, head);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address) port = address.port;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  /** All that the server answers until it closes the connection. */
  async function exchange(...pieces: string[]): Promise<string> {
    const socket = net.connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    for (const piece of pieces) socket.write(piece);
    let answer = '';
    for await (const data of socket) answer += data;
    return answer;
  }

  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';

  it('is answered as if it had not, with its body and its other fields', async () => {
    const body = 'x'.repeat(200_000);
    const head = `POST /a?b=%20c HTTP/1.1\r\nHost: localhost\r\nX-Kept: yes\r\n${offer}Content-Length: ${body.length}\r\n\r\n`;
    const next = 'GET /second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const answer = await exchange(head, body.slice(0, 10), body.slice(10), next);
    assert.match(answer, /"method":"POST","url":"\/a\?b=%20c"/);
    assert.ok(answer.includes(`"body":"${body}"`));
    assert.doesNotMatch(answer, /"upgrade"|"settings"/);
    assert.match(answer, /"url":"\/second"/, 'the connection goes on');
  });

  it('keeps what else its Connection field says', async () => {
    const answer = await exchange(
      `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n`,
    );
    assert.match(answer, /"connection":"close"/);
  });

  it('is told from one that asks for WebSocket', async () => {
    const answer = await exchange(
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1.1 101/);
  });
});
