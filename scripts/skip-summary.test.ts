import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT, runNode } from './run-program.mjs';
import { browserSkips, formatSkips } from './skip-summary.mjs';

/** Here packages are found. */
const folder = mkdtempSync(join(ROOT, 'node_modules', '.skips-'));
after(() => rmSync(folder, { recursive: true }));

test('reasons of node:test are told once each, with how many tests they concern', async () => {
  const file = join(folder, 'unit.mjs');
  writeFileSync(
    file,
    `import { test } from 'node:test';
    test('runs', () => {});
    test('by option', { skip: 'no second disk' }, () => {});
    test('by call', (context) => context.skip('no second disk'));
    test('around', (context) => context.test('within', { skip: 'not as root' }, () => {}));
    test('unnamed', { skip: true }, () => {});`,
  );
  const report = join(folder, 'report.json');
  const reporter = join(ROOT, 'scripts', 'count-reporter.mjs');
  // Within a test of node:test another run would report to that one.
  const env = { NODE_TEST_CONTEXT: undefined };
  const args = ['--test', `--test-reporter=${reporter}`, `--test-reporter-destination=${report}`, file];
  assert.equal((await runNode(args, { env, quiet: true })).ok, true);
  const { skips, skipped } = JSON.parse(readFileSync(report, 'utf8'));
  assert.equal(skipped, skips.length);
  assert.equal(
    formatSkips(skips),
    '– 2 left out: no second disk\n– 1 left out: not as root\n– 1 left out: no reason is given',
  );
});

test('reasons of Playwright are told wherever the skip is said', async () => {
  writeFileSync(
    join(folder, 'some.spec.mjs'),
    `import { test } from '@playwright/test';
    test.describe('a file', () => { test.skip(true, 'only on a Monday'); test('one', () => {}); test('two', () => {}); });
    test.describe('a hook', () => { test.beforeAll(() => test.skip(true, 'nothing\\nto mount')); test('three', () => {}); });
    test('four', () => test.skip(true, 'only on a Monday'));
    test('five', () => {});`,
  );
  writeFileSync(join(folder, 'playwright.config.mjs'), 'export default {};');
  const report = join(folder, 'browser.json');
  const args = ['node_modules/@playwright/test/cli.js', 'test', '--config', folder, '--reporter=json'];
  const { ok, output } = await runNode(args, { env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report }, quiet: true });
  assert.equal(ok, true, output);
  assert.equal(
    formatSkips(browserSkips(JSON.parse(readFileSync(report, 'utf8')))),
    '– 3 left out: only on a Monday\n– 1 left out: nothing to mount',
  );
});
