import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { expect, test } from '@playwright/test';
import { Answer, ApiClient, freshId } from './api-client';
import { expectProblem } from './api-test';
import { StratalServer } from './stratal-server';

/** Who is let in on loopback: by Host and Origin, on every kind of route, before any handler and any upgrade. */

const FRIEND = 'https://ci.example.org';
const BASE = 'https://logs.example.org';

let server: StratalServer;
let api: ApiClient;
const run = freshId();

test.beforeAll(async () => {
  server = await StratalServer.start({
    env: { STRATAL_ALLOWED_ORIGINS: `${FRIEND}, http://localhost:3000`, STRATAL_BASE_URL: `${BASE}/` },
  });
  api = new ApiClient(server.url);
  await api.lines(run, ['secret']);
});

test.afterAll(async () => {
  api.close();
  await server.close();
});

/** One address of each kind: API by handler and without, streams, pages, files of the build and of public, unknown ones. */
async function everyKind(): Promise<string[]> {
  const page = await api.get('/');
  const script = /"(\/_next\/static\/[^"]+\.js)"/.exec(page.text)?.[1];
  expect(script, 'a page names its scripts').toBeDefined();
  return [
    '/api/v1/job-runs',
    `/api/v1/logs/job-runs/${run}`,
    `/api/v1/logs/job-runs/${run}/download`,
    `/api/v1/logs/stream/sse?job_run_id=${run}`,
    '/api/v1/logs/stream/ws',
    '/api/v1/logs/stream/status',
    '/api/v1/nothing',
    '/socket.io/?EIO=4&transport=polling',
    '/',
    `/job-runs/${run}`,
    '/status',
    '/nothing',
    '/favicon.svg',
    String(script),
    '/%ZZ',
  ];
}

test('a foreign Host is refused on every kind of route', async () => {
  for (const path of await everyKind()) {
    for (const host of [
      'evil.example',
      `evil.example:${server.port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      '[::2]',
      'local host',
    ]) {
      expectProblem(await api.get(path, { host }), 403, 'STRATAL_HOST_REFUSED');
    }
  }
});

test('a foreign Origin is refused on every kind of route', async () => {
  for (const path of await everyKind()) {
    for (const origin of [
      'https://evil.example',
      'null',
      `https://localhost:${server.port}`,
      'http://localhost',
      'http://localhost:3001',
      `${FRIEND}.evil.example`,
    ]) {
      const answer = await api.get(path, { origin });
      expectProblem(answer, 403, 'STRATAL_ORIGIN_REFUSED');
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  }
});

test('a page of another site may follow links here and load only files that are the same for everyone', async () => {
  const from = (site: string, mode: string, dest: string) => ({
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
    'sec-fetch-dest': dest,
  });
  for (const path of await everyKind()) {
    const isFile = path === '/favicon.svg' || path.startsWith('/_next/static/');
    for (const site of ['cross-site', 'same-site']) {
      for (const [mode, dest] of [
        ['no-cors', 'image'],
        ['no-cors', 'script'],
        ['no-cors', 'empty'],
        ['navigate', 'iframe'],
      ] as const) {
        const answer = await api.get(path, from(site, mode, dest));
        if (isFile) expect(answer.status, path).toBe(200);
        else expectProblem(answer, 403, 'STRATAL_ORIGIN_REFUSED');
      }
    }
    // A stream does not end.
    if (path.includes('/stream/sse')) continue;
    for (const [headers, policy] of [
      [from('cross-site', 'navigate', 'document'), 'same-origin'],
      [from('same-origin', 'no-cors', 'image'), 'same-origin'],
      [{ ...from('cross-site', 'cors', 'empty'), origin: FRIEND }, undefined],
    ] as const) {
      const answer = await api.get(path, headers);
      expect(answer.status, path).not.toBe(403);
      expect(answer.headers['cross-origin-resource-policy'], path).toBe(isFile ? undefined : policy);
    }
  }
});

test('a browser keeps what it is answered from a page of another site, and follows its links', async ({ page }) => {
  const html = `<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,"><a href="${server.url}/">Runs</a>`;
  const elsewhere = http.createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(html),
  );
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  await page.goto(`http://127.0.0.1:${(elsewhere.address() as net.AddressInfo).port}/`);
  const load = (path: string) =>
    page.evaluate(
      (url) =>
        fetch(url, { mode: 'no-cors' }).then(
          () => 'loaded',
          () => 'refused',
        ),
      server.url + path,
    );
  for (const path of ['/', '/api/v1/job-runs', `/api/v1/logs/stream/sse?job_run_id=${run}`])
    expect(await load(path), path).toBe('refused');
  expect(await load('/favicon.svg')).toBe('loaded');
  await page.getByRole('link', { name: 'Runs' }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByRole('link', { name: run })).toBeVisible();
  elsewhere.closeAllConnections();
  elsewhere.close();
});

test('a refused request changes nothing', async () => {
  const id = freshId();
  const json = { 'content-type': 'application/json', origin: 'https://evil.example' };
  expectProblem(
    await api.call('POST', 'job-runs', { headers: json, body: JSON.stringify({ id, job_name: 'a' }) }),
    403,
    'STRATAL_ORIGIN_REFUSED',
  );
  expectProblem(await api.lines(id, ['x'], { origin: 'null' }), 403, 'STRATAL_ORIGIN_REFUSED');
  expectProblem(
    await api.call('DELETE', `job-runs/${run}`, { headers: { host: 'evil.example' } }),
    403,
    'STRATAL_HOST_REFUSED',
  );
  expectProblem(await api.get(`job-runs/${id}`), 404, 'STRATAL_NO_RUN');
  expect((await api.get(`job-runs/${run}`)).status).toBe(200);
});

test('loopback names and the base address are let in, with any port and an Authorization that nobody reads', async () => {
  const authorization = 'Bearer whatever';
  for (const host of [
    'localhost',
    `localhost:${server.port}`,
    'LOCALHOST',
    'localhost.',
    'logs.localhost:1',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]:8080',
    'logs.example.org',
  ]) {
    expect((await api.get('job-runs', { host, authorization })).status, host).toBe(200);
  }
});

test('the own origin is let in: of the request itself, or of the base address', async () => {
  for (const [host, origin] of [
    [`localhost:${server.port}`, server.url],
    ['127.0.0.1:99', 'http://127.0.0.1:99'],
    ['logs.example.org', BASE],
    [`localhost:${server.port}`, BASE],
  ] as const) {
    const answer = await api.get('job-runs', { host, origin });
    expect([answer.status, answer.headers['access-control-allow-origin']], origin).toEqual([200, undefined]);
  }
});

test('what a request says of a proxy before the server is not believed', async () => {
  const said = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' };
  for (const path of ['job-runs', `logs/job-runs/${run}/download`, '/']) {
    expect((await api.get(path, { ...said, origin: server.url })).status).toBe(200);
    expectProblem(await api.get(path, { ...said, origin: 'https://evil.example' }), 403, 'STRATAL_ORIGIN_REFUSED');
  }
});

test('an allowed origin is let in and may read what it is answered', async () => {
  for (const path of ['job-runs', `logs/job-runs/${run}/download`, 'job-runs/nothing', 'nothing']) {
    const answer = await api.get(path, { origin: FRIEND });
    expect(answer.headers['access-control-allow-origin'], path).toBe(FRIEND);
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    expect(answer.headers['access-control-expose-headers']).toMatch(/Content-Disposition/);
    expect([200, 404]).toContain(answer.status);
  }
  expectProblem(await api.get('job-runs', { origin: FRIEND, host: 'evil.example' }), 403, 'STRATAL_HOST_REFUSED');
});

test('a preflight is answered for an allowed origin alone', async () => {
  const asked = {
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'content-type, stratal-source',
  };
  const allowed = await api.call('OPTIONS', `job-runs/${run}`, { headers: { ...asked, origin: FRIEND } });
  expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([204, FRIEND]);
  expect(String(allowed.headers['access-control-allow-methods']).split(', ')).toEqual(
    expect.arrayContaining(['GET', 'POST', 'PATCH', 'DELETE']),
  );
  const fields = String(allowed.headers['access-control-allow-headers']).toLowerCase().split(', ');
  expect(fields).toEqual(
    expect.arrayContaining([
      'content-type',
      'content-encoding',
      'authorization',
      'last-event-id',
      'stratal-source',
      'stratal-position',
    ]),
  );
  const refused = await api.call('OPTIONS', `job-runs/${run}`, {
    headers: { ...asked, origin: 'https://evil.example' },
  });
  expectProblem(refused, 403, 'STRATAL_ORIGIN_REFUSED');
});

/** What the server answers to an upgrade: the status and the problem, or 101. */
async function upgrade(path: string, headers: Record<string, string>): Promise<Answer> {
  const key = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const request = http.get(`${server.url}${path}`, { headers: { ...key, ...headers }, agent: false });
  return new Promise((resolve, reject) => {
    request.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve(new Answer(response.statusCode ?? 0, response.headers, Buffer.alloc(0)));
    });
    request.once('response', async (response) => {
      const pieces: Buffer[] = [];
      for await (const piece of response) pieces.push(piece);
      resolve(new Answer(response.statusCode ?? 0, response.headers, Buffer.concat(pieces)));
    });
    request.once('error', reject);
  });
}

test('an upgrade is refused by Host and Origin before it is one', async () => {
  for (const path of [
    '/api/v1/logs/stream/ws',
    `/api/v1/logs/stream/ws?job_run_id=${run}`,
    '/socket.io/?EIO=4&transport=websocket',
    '/nothing',
    '/_next/hmr',
  ]) {
    expectProblem(await upgrade(path, { host: 'evil.example' }), 403, 'STRATAL_HOST_REFUSED');
    expectProblem(await upgrade(path, { origin: 'https://evil.example' }), 403, 'STRATAL_ORIGIN_REFUSED');
    expectProblem(await upgrade(path, { origin: 'null' }), 403, 'STRATAL_ORIGIN_REFUSED');
  }
  for (const path of ['/api/v1/logs/stream/ws', '/socket.io/?EIO=4&transport=websocket']) {
    for (const headers of [{}, { origin: server.url }, { origin: FRIEND }, { origin: BASE }]) {
      expect((await upgrade(path, headers as Record<string, string>)).status).toBe(101);
    }
  }
  expectProblem(await upgrade('/nothing', {}), 404, 'STRATAL_NO_ROUTE');
});

test('a request without Host is refused', async () => {
  const socket = net.connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end('GET /api/v1/job-runs HTTP/1.0\r\n\r\n');
  let answer = '';
  for await (const piece of socket) answer += piece;
  expect(answer).toMatch(/^HTTP\/1.1 403 [\s\S]*STRATAL_HOST_REFUSED/);
});

test('every answer carries headers that keep log text from being more than text', async () => {
  for (const path of await everyKind()) {
    if (path.includes('/stream/sse')) continue;
    const { headers } = await api.get(path);
    expect(headers['x-content-type-options'], path).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  }
  const page = await api.get('/');
  expect(page.headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/);
  expect(page.headers['content-security-policy']).toMatch(/frame-ancestors 'self'/);
});
