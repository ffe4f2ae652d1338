import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { loopbackAccess } from '@/lib/auth/authorize';
import { passHttpGate } from './http-gate';
import { OpenAnswers } from './open-answers';
import { putBackUpgrade } from './put-back-upgrade';
import { takeWholeTarget } from './request-target';

describe('a request', () => {
  const authorize = loopbackAccess({ allowedOrigins: [], baseUrl: undefined });
  const answers = new OpenAnswers();
  const server = createServer((request, response) => {
    answers.note(request, response);
    takeWholeTarget(request);
    if (!passHttpGate(request, response, { authorize, allowedOrigins: [], dev: false })) return;
    if (request.url !== '/never') response.end(`at ${request.url} of ${request.headers.host}`);
  });
  let port = 0;

  before(async () => {
    server.on('upgrade', (request, socket, head) => {
      if (!answers.cutIfOpen(socket)) putBackUpgrade(server, request, socket, head);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address) port = address.port;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  async function exchange(text: string): Promise<string> {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    try {
      for await (const data of socket) answer += data;
    } catch {
      return `${answer}[cut]`;
    }
    return answer;
  }

  const close = 'Connection: close\r\n\r\n';

  it('of the API lets its answer load nothing, and of a page only scripts with a nonce of its own', async () => {
    const ask = (path: string) => exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${close}`);
    assert.match(
      await ask('/api/v1/job-runs'),
      /Content-Security-Policy: default-src 'none'; frame-ancestors 'self'\r\n/,
    );
    const nonce = /script-src 'self' 'nonce-([^']+)'/;
    const [first, second] = [nonce.exec(await ask('/job-runs'))?.[1], nonce.exec(await ask('/job-runs'))?.[1]];
    assert.ok(first && second && first !== second);
  });

  it('of a page of another site is refused where it says no origin, links and files of the build apart', async () => {
    const ask = (path: string, ...fetch: string[]) => {
      const names = ['Site', 'Mode', 'Dest'];
      const fields = fetch.map((value, index) => `Sec-Fetch-${names[index]}: ${value}\r\n`);
      return exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields.join('')}${close}`);
    };
    const refused = /^HTTP\/1\.1 403 [\s\S]*STRATAL_ORIGIN_REFUSED/;
    for (const path of [
      '/api/v1/job-runs',
      '/',
      '/_next/image?url=x',
      '/_next/static/../api',
      '/_next/static/%2e%2E/api',
      '/tab-icons/..%2Fapi',
      '/favicon.svg/x',
    ]) {
      for (const site of ['cross-site', 'same-site']) {
        assert.match(await ask(path, site, 'no-cors', 'image'), refused, path);
        assert.match(await ask(path, site, 'cors', 'empty'), refused, path);
        assert.match(await ask(path, site, 'navigate', 'iframe'), refused, path);
        assert.match(await ask(path, site), refused, path);
        assert.match(await ask(path, site, 'navigate', 'document'), /at /, path);
        // A link that downloads.
        assert.match(await ask(path, site, 'navigate', 'empty'), /at /, path);
      }
      for (const site of ['same-origin', 'none']) assert.match(await ask(path, site, 'no-cors', 'image'), /at /, path);
    }
    for (const path of [
      '/_next/static/chunks/a.css',
      '/_next/static/media/b.woff2?v=1',
      '/tab-icons/lost.svg',
      '/favicon.svg',
    ])
      assert.match(await ask(path, 'cross-site', 'no-cors', 'style'), /at /, path);
    // Programs that name the mode alone are no pages.
    assert.match(await exchange(`GET / HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Mode: cors\r\n${close}`), /at \//);
  });

  it('is answered for its own site alone, files of the build apart, and a page for its own window', async () => {
    const ask = (path: string) => exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${close}`);
    const resource = /Cross-Origin-Resource-Policy: same-origin\r\n/;
    const opener = /Cross-Origin-Opener-Policy: same-origin\r\n/;
    const [api, page, file] = [await ask('/api/v1/job-runs'), await ask('/live'), await ask('/_next/static/a.css')];
    assert.deepEqual([resource.test(api), resource.test(page), resource.test(file)], [true, true, false]);
    assert.deepEqual([opener.test(api), opener.test(page)], [false, true]);
  });

  it('with a whole URL is taken for the path in it, and judged by the host in it', async () => {
    const ours = await exchange(`GET http://localhost:1/live?a=b HTTP/1.1\r\nHost: elsewhere\r\n${close}`);
    assert.match(ours, /at \/live\?a=b of localhost:1/);
    assert.match(await exchange(`GET HTTP://127.0.0.1 HTTP/1.1\r\nHost: localhost\r\n${close}`), /at \/ of 127.0.0.1/);
    for (const target of [
      'http://evil.example/live',
      'http://localhost@evil.example/',
      'https://',
      'http://evil.example\\@localhost/',
    ])
      assert.match(
        await exchange(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n${close}`),
        /STRATAL_HOST_REFUSED|^HTTP\/1.1 400/,
        target,
      );
  });

  it('lets its page connect to its own WebSockets and no others', async () => {
    const answer = await exchange(`GET /live HTTP/1.1\r\nHost: logs.localhost:81\r\n${close}`);
    assert.match(answer, /connect-src 'self' ws:\/\/logs\.localhost:81 wss:\/\/logs\.localhost:81;/);
  });

  it('without a path is answered for the server or refused, not handed to pages', async () => {
    assert.match(
      await exchange(`OPTIONS * HTTP/1.1\r\nHost: localhost\r\n${close}`),
      /^HTTP\/1.1 204[\s\S]*Allow: GET/,
    );
    assert.match(
      await exchange(`GET * HTTP/1.1\r\nHost: localhost\r\n${close}`),
      /^HTTP\/1.1 400[\s\S]*STRATAL_BAD_PARAMETER/,
    );
  });

  it('that offers a protocol before the one in front of it is answered ends the connection', async () => {
    const offer = 'GET /b HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
    const answer = await exchange(`GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n${offer}`);
    assert.match(answer, /^(\[cut\])?$/);
    // One after the other they are all answered.
    const socket = net.connect(port, '127.0.0.1');
    for (let round = 0; round < 30; round++) {
      socket.write(offer);
      const [data] = await new Promise<[Buffer]>((resolve) => socket.once('data', (piece) => resolve([piece])));
      assert.match(String(data), /at \/b/);
    }
    socket.destroy();
  });
});
