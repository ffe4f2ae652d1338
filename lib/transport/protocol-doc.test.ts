import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLOSE } from '@/lib/protocol/close-codes';
import { controlSchemas, RESET_REASONS } from '@/lib/protocol/stream-events';

const DOC = readFileSync('docs/protocol.md', 'utf8').replaceAll(/\s+/g, ' ').replaceAll('’', "'");

function testSources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.endsWith('protocol-doc.test.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n')
    .replaceAll('’', "'");
}

test('every statement of docs/protocol.md names tests that exist', () => {
  const sources = testSources('lib/transport') + testSources('lib/feed');
  const claims = DOC.split('**Enforced by**').slice(1);
  assert.ok(claims.length >= 20);
  for (const claim of claims) {
    const names = [...(/^(?: ?"[^"]+",?)+/.exec(claim)?.[0] ?? '').matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    assert.ok(names.length > 0, claim.slice(0, 80));
    for (const name of names) assert.ok(sources.includes(name), `no test is named: ${name}`);
  }
});

test('every invariant and constraint of docs/protocol.md is enforced', () => {
  for (const [statement, , text = ''] of DOC.matchAll(/\*\*([IC]\d+)\b(.*?)(?=\*\*[IC]\d+\b|## )/g)) {
    assert.ok(text.includes('**Enforced by**'), statement.slice(0, 60));
  }
});

test('docs/protocol.md has every close code, control event and reset reason', () => {
  for (const code of Object.values(CLOSE)) assert.match(DOC, new RegExp(`\\b${code}\\b`));
  for (const name of [...Object.keys(controlSchemas), ...RESET_REASONS]) assert.ok(DOC.includes(name), name);
});
