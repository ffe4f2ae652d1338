import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import { loopbackAccess, refuseToListen } from './authorize';

/** What a request with these headers is told: `admitted`, or a refusal's code. */
function ask(headers: Record<string, string>, rules: { origins?: string[]; baseUrl?: string; secure?: boolean } = {}) {
  const authorize = loopbackAccess({ allowedOrigins: rules.origins ?? [], baseUrl: rules.baseUrl });
  try {
    authorize({ header: (name) => headers[name], secure: rules.secure ?? false }, 'read');
    return 'admitted';
  } catch (error) {
    return isStratalError(error) ? error.code : String(error);
  }
}

describe('without accounts a request', () => {
  test('is admitted under every loopback name, with or without a port', () => {
    for (const host of [
      'localhost',
      'localhost:8080',
      'LOCALHOST',
      'a.b.localhost:1',
      '127.0.0.1:8080',
      '127.9.9.9',
      '[::1]:8080',
    ])
      assert.equal(ask({ host }), 'admitted', host);
  });

  test('is refused under any other name, as DNS rebinding makes it, and without one', () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      '[::2]',
      '',
      'localhost/x',
      'a@localhost',
    ])
      assert.equal(ask({ host }), 'STRATAL_HOST_REFUSED', host);
    assert.equal(ask({}), 'STRATAL_HOST_REFUSED');
  });

  test('of a page is admitted only from this very origin: scheme, name and port', () => {
    const host = 'localhost:8080';
    assert.equal(ask({ host, origin: 'http://localhost:8080' }), 'admitted');
    for (const origin of [
      'http://localhost:8081',
      'http://127.0.0.1:8080',
      'https://localhost:8080',
      'http://evil.example',
      'null',
      '',
    ])
      assert.equal(ask({ host, origin }), 'STRATAL_ORIGIN_REFUSED', origin);
    assert.equal(ask({ host, origin: 'https://localhost:8080' }, { secure: true }), 'admitted');
  });

  test('is admitted for STRATAL_BASE_URL, whose host and origin are ours too', () => {
    const baseUrl = 'https://logs.example.org';
    assert.equal(ask({ host: 'logs.example.org', origin: baseUrl }, { baseUrl }), 'admitted');
    assert.equal(ask({ host: 'localhost:8080', origin: baseUrl }, { baseUrl }), 'admitted');
    assert.equal(ask({ host: 'other.example.org' }, { baseUrl }), 'STRATAL_HOST_REFUSED');
  });

  test('of a site in STRATAL_ALLOWED_ORIGINS is admitted, but no host name of that site', () => {
    const origins = ['https://ci.example.org'];
    assert.equal(ask({ host: 'localhost', origin: 'https://ci.example.org' }, { origins }), 'admitted');
    assert.equal(ask({ host: 'ci.example.org' }, { origins }), 'STRATAL_HOST_REFUSED');
    assert.equal(ask({ host: 'localhost', origin: 'http://ci.example.org' }, { origins }), 'STRATAL_ORIGIN_REFUSED');
  });
});

test('the server listens on loopback alone, and says what to do about any other address', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'])
    assert.equal(refuseToListen(host), undefined, host);
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'logs.example.org']) {
    const sentence = refuseToListen(host) ?? '';
    assert.ok(sentence.includes(`HOST is ${host}`) && sentence.includes('127.0.0.1'), host);
  }
});
