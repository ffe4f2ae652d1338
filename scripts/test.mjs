// `npm test`: everything that must hold, from a bare clone on. Installs what is missing, then types, lint and documents,
// the build, unit and integration tests (*.test.ts beside the code) and the browser's (e2e/*.spec.ts). The last line is
// the sum; a step that is no test, such as the build, counts as one failure when it fails.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfChanged } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { ensureTools } from './ensure-tools.mjs';
import { browserFailures, formatFailures } from './failure-summary.mjs';
import { ROOT, runNode } from './run-program.mjs';
import { browserSkips, formatSkips } from './skip-summary.mjs';
import { listFiles } from './source-files.mjs';
import { verify } from './verify.mjs';

const TEST_FOLDERS = ['app', 'bench', 'bin', 'components', 'drizzle', 'lib', 'scripts'];
const UNIT_TEST = /\.test\.tsx?$/;
/** A test that hangs is a failure after this time. */
const TEST_TIMEOUT_MS = 180_000;

/** Settings of the developer's own server must not reach the tests. */
for (const name of Object.keys(process.env)) {
  const isOurs = name.startsWith('STRATAL_') && !/^STRATAL_(TEST_|CORPUS$)/.test(name);
  if (isOurs || ['PORT', 'HOST', 'DATABASE_URL', 'NODE_ENV'].includes(name)) delete process.env[name];
}
process.env.NEXT_TELEMETRY_DISABLED = '1';
process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = '1';

const scratch = mkdtempSync(join(tmpdir(), 'stratal-counts-'));
const sum = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const skips = [];
const startedAt = Date.now();

function heading(text) {
  console.log(`\n▸ ${text} (${((Date.now() - startedAt) / 1000).toFixed(0)} s)`);
}

function add(counts) {
  for (const [name, count] of Object.entries(counts)) sum[name] += count;
}

/** What a run wrote as its counts; a run that wrote none, or counted no failure and still failed, is one failure. */
function addRun(ok, file, read) {
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const { failures: own, skips: reasons, ...rest } = read(JSON.parse(readFileSync(file, 'utf8')));
    counts = rest;
    failures.push(...own);
    skips.push(...reasons);
  } catch {
    console.log('The run ended without its counts.');
  }
  if (!ok && counts.failed === 0) counts.failed = 1;
  add(counts);
}

async function runUnitTests(title, files, env = {}) {
  heading(`${title}: ${files.length} files`);
  const counts = join(scratch, `${Math.random()}.json`);
  const args = [
    '--import=tsx',
    `--import=${pathToFileURL(join(ROOT, 'scripts', 'property-seed.mjs'))}`,
    '--test',
    `--test-concurrency=${Math.max(2, availableParallelism())}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(ROOT, 'scripts', 'count-reporter.mjs')}`,
    `--test-reporter-destination=${counts}`,
  ];
  const { ok } = await runNode([...args, ...files], { env });
  addRun(ok, counts, (report) => ({
    passed: report.pass,
    failed: report.fail + report.cancelled,
    skipped: report.skipped + report.todo,
    failures: report.failures,
    skips: report.skips,
  }));
}

async function runBrowserTests(files) {
  heading(`Browser tests: ${files.length} files`);
  const counts = join(scratch, 'browser.json');
  const { ok } = await runNode(['node_modules/@playwright/test/cli.js', 'test'], {
    env: { STRATAL_TEST_COUNTS: counts },
  });
  addRun(ok, counts, (report) => ({
    passed: report.stats.expected,
    failed: report.stats.unexpected + report.stats.flaky,
    skipped: report.stats.skipped,
    failures: browserFailures(report),
    skips: browserSkips(report),
  }));
}

async function main() {
  await ensureInstalled();
  const tools = await ensureTools();
  heading('Types, lint and documents');
  add({ failed: await verify() });
  heading('Build');
  const isBuilt = await buildIfChanged();
  if (!isBuilt) add({ failed: 1 });
  const files = listFiles(TEST_FOLDERS, UNIT_TEST);
  await runUnitTests('Unit and integration tests', files);
  const storeFiles = files.filter((file) => usesTestDatabase(file));
  if (tools.hasPostgres15) {
    await runUnitTests('The store on PostgreSQL 15', storeFiles, { STRATAL_TEST_POSTGRES: 'debian15' });
  } else {
    add({ skipped: storeFiles.length });
    skips.push(...storeFiles.map(() => 'there is no PostgreSQL 15 for the store’s second pass'));
  }
  const specs = listFiles(['e2e'], /\.spec\.ts$/);
  if (tools.hasChromium && isBuilt && specs.length > 0) await runBrowserTests(specs);
  else {
    add({ skipped: specs.length });
    skips.push(...specs.map(() => (isBuilt ? 'there is no Chromium for the browser tests' : 'the build failed')));
  }
}

/** Whether a test of the store opens a database: the embedded Postgres' own tests do not. */
function usesTestDatabase(file) {
  return (
    file.startsWith('lib/store/') &&
    /\/(test-database|test-store|checked-store)'/.test(readFileSync(join(ROOT, file), 'utf8'))
  );
}

try {
  await main();
} catch (error) {
  console.error(error);
  add({ failed: 1 });
} finally {
  for (const variant of ['embedded', 'debian15']) {
    const env = { STRATAL_TEST_POSTGRES: variant };
    await runNode(['--import=tsx', 'lib/store/testing/stop-leftover.ts'], { env, quiet: true });
  }
  rmSync(scratch, { recursive: true, force: true });
}
heading('Done');
if (skips.length > 0) console.log(formatSkips(skips));
if (failures.length > 0) console.log(formatFailures(failures));
if (sum.passed === 0) console.log('No test has run.');
if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
