import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { API_METHODS, methodsOf } from './api-methods';

const ROUTES = resolve(import.meta.dirname, '../../../app/api/v1');
const HANDLER = /^export (?:async )?function ([A-Z]+)\(/gm;

/** Each route file's address with the methods that it handles; HEAD comes with GET. */
function handlers(): Array<[string, string[]]> {
  return readdirSync(ROUTES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('route.ts'))
    .map((path) => {
      const source = readFileSync(join(ROUTES, path), 'utf8');
      const methods = [...source.matchAll(HANDLER)].map(([, method = '']) => method);
      return [`/${dirname(path)}`, methods.sort()];
    });
}

describe('the methods of the API', () => {
  it('are those that app/api/v1 has handlers for, address by address', () => {
    const listed = Object.entries(API_METHODS).map(([path, methods]) => [path, [...methods].sort()]);
    assert.deepEqual(Object.fromEntries(handlers()), Object.fromEntries(listed));
  });

  it('are told in docs/api.md, each with its address', () => {
    const doc = readFileSync('docs/api.md', 'utf8').replaceAll('{id}', '[id]');
    for (const [address, methods] of Object.entries(API_METHODS)) {
      const told = new RegExp(`(GET|POST|PATCH|DELETE)?[ ,\`]+${address.replace(/[[\]/]/g, '\\$&')}\``, 'g');
      const found = [...doc.matchAll(told)].map(([, method = 'GET']) => method);
      for (const method of methods) assert.ok(found.includes(method), `${method} ${address}`);
    }
  });

  it('are found by path, with HEAD where there is GET', () => {
    assert.deepEqual(methodsOf('/api/v1/job-runs/abc-123'), ['GET', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
    assert.deepEqual(methodsOf('/api/v1/logs'), ['POST', 'OPTIONS']);
    for (const path of ['/api/v1', '/api/v1/nothing', '/api/v1/job-runs/a/b', '/api/v1/logs/job-runs', '/']) {
      assert.equal(methodsOf(path), undefined, path);
    }
  });
});
