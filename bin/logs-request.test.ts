import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import { parseLogsRequest } from './logs-request';

const PAGE = 'http://localhost:8080/job-runs/r';

/** The filter of a command with this address and these options, or what is wrong with it. */
function filterOf(parameters: string, options: object = {}) {
  const request = parseLogsRequest(`${PAGE}?${parameters}`, options);
  return typeof request === 'string' ? request : request.filter;
}

function finds(parameters: string, message: string, options: object = {}): boolean {
  const filter = filterOf(parameters, options);
  assert.ok(typeof filter === 'object', String(filter));
  const query = parseTextQuery(filter.q ?? '', filter.case === '1');
  assert.ok(query.ok);
  return query.query?.matches(message) ?? true;
}

test('a page that shows matching lines alone restricts to them', () => {
  assert.deepEqual(filterOf('find=a+"b"&only=true'), { q: '"a \\"b\\""' });
  assert.deepEqual(filterOf('q=-x&level=error&find=a/\\d&findregex=true&only=true'), {
    level: 'error',
    q: '-x /a\\/\\d/',
  });
  assert.ok(finds('find=Error&only=true&findcase=true', 'an Error'));
  assert.ok(!finds('find=Error&only=true&findcase=true', 'an error'));
  assert.ok(finds('q=AN&case=1&find=error&only=true', 'AN Error'));
  assert.ok(!finds('q=AN&case=1&find=error&only=true', 'an Error'));
});

test('a search whose matches are only marked restricts nothing', () => {
  for (const parameters of ['find=a', 'find=a&only=false', 'find=&only=true', 'only=true&findregex=true']) {
    assert.deepEqual(filterOf(parameters), {});
  }
});

test('an option of text is instead of all text of the address, its case and search too', () => {
  assert.deepEqual(filterOf('q=A&case=1&find=b&only=true&level=error', { q: ['c'] }), { level: 'error', q: 'c' });
  assert.deepEqual(filterOf('q=A&case=1', { q: ['c'], case: true }), { q: 'c', case: '1' });
  assert.deepEqual(filterOf('q=A&case=1'), { q: 'A', case: '1' });
  assert.ok(!finds('find=Error&only=true', 'an error', { case: true }));
});

test('a fault is told of what has it', () => {
  assert.match(String(filterOf('find=a+(b&findregex=true&only=true')), /^find in the address: .+, at character 3$/);
  assert.match(String(filterOf('q=/(/&find=a&only=true')), /^--q /);
  const terms = Array.from({ length: 32 }, (_, index) => `t${index}`).join('+');
  assert.match(String(filterOf(`q=${terms}&find=a&only=true`)), /^q and find in the address together must be at most/);
});
