import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMissingPaths } from './check-doc-paths.mjs';
import { compareVariables } from './check-env-example.mjs';

test('a path that a document names and that is gone is told', () => {
  const text =
    'See `lib/gone.ts`, `lib/here.ts:12`, [a link](errors.md#x), [gone](gone.md) and [out](https://a.example/b.md).';
  const exists = (path: string) => ['lib/here.ts', 'docs/errors.md'].includes(path);
  const missing = findMissingPaths('docs/a.md', text, exists);
  assert.equal(missing.length, 2);
  assert.match(missing[0] ?? '', /lib\/gone\.ts/);
  assert.match(missing[1] ?? '', /gone\.md/);
});

test('placeholders, addresses and what a build makes are no paths', () => {
  const text = '`lib/<name>.ts` `app/api/*` `dist/server.mjs` `/api/v1/logs` `http://localhost:8080/a.md`';
  assert.deepEqual(
    findMissingPaths('README.md', text, () => false),
    [],
  );
});

test('a variable that only the example or only the schema knows is told', () => {
  const sources = 'const schema = z.object({\n  PORT: port,\n  STRATAL_SSE: z.string(),\n  XDG_STATE_HOME: text,\n});';
  assert.deepEqual(compareVariables('PORT=8080\n# STRATAL_SSE=direct\n', sources), []);
  assert.equal(compareVariables('PORT=8080\n', sources).length, 1);
  assert.equal(compareVariables('PORT=8080\nSTRATAL_SSE=\n#STRATAL_OLD=1\n', sources).length, 1);
});
