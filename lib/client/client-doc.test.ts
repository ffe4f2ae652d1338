import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const FOLDER = 'lib/client';

test('every test that docs/client.md names exists', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test.ts'));
  const sources = files.map((name) => readFileSync(`${FOLDER}/${name}`, 'utf8')).join('\n');
  const document = readFileSync('docs/client.md', 'utf8');
  const named = [...document.matchAll(/\*\*Enforced by\*\* (.+)\./g)].flatMap(([, list = '']) =>
    [...list.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
  );
  assert.ok(named.length > 0);
  const missing = named.filter((title) => !hasTest(sources, title));
  assert.deepEqual(missing, []);
});

/** Titles that begin with a transport's name are looked for by the rest. */
function hasTest(sources: string, title: string): boolean {
  const rest = title.slice(title.indexOf(' '));
  return sources.includes(`test('${title}'`) || sources.includes(`test(\`\${transport}${rest}\``);
}
