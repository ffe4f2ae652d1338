import { existsSync } from 'node:fs';
import { findChromium, HEADLESS_SHELL } from './find-chromium.mjs';
import { findFakeTime } from './find-fake-time.mjs';
import { findFirefox } from './find-firefox.mjs';
import { runNode, runProgram } from './run-program.mjs';

const POSTGRES_15 = '/usr/lib/postgresql/15/bin/initdb';
const DOWNLOAD_MS = 5 * 60_000;

/**
 * Sees to what the tests need beyond npm's packages: a Chromium, a Firefox, a second Postgres, Python's websockets and a
 * clock that can be set. What is missing is installed where that can be done: by Playwright, or as root by apt-get.
 * Resolves to what there is then; what cannot be had is told.
 */
export async function ensureTools() {
  const missing = await findMissing();
  if (missing.has('chromium')) {
    console.log('Installing a Chromium for the browser tests …');
    const cli = 'node_modules/playwright/cli.js';
    await runNode([cli, 'install', 'chromium'], { timeoutMs: DOWNLOAD_MS });
    if ((await findChromium()) !== undefined) missing.delete('chromium');
  }
  if (canUseApt()) {
    const wanted = new Set(missing);
    wanted.delete('chromium');
    if (!(await hasQuickChromium())) wanted.add('chromium-headless-shell');
    if (wanted.size > 0) await installByApt([...wanted]);
    if ((await findChromium()) === undefined) await installByApt(['chromium']);
    for (const name of missing) if (!(await findMissing()).has(name)) missing.delete(name);
  }
  for (const name of missing) console.log(`! ${LACKS[name]}`);
  return { hasChromium: !missing.has('chromium'), hasPostgres15: !missing.has('postgresql-15') };
}

const LACKS = {
  chromium:
    'No Chromium, and none could be installed: the browser tests are left out. Install one: apt-get install chromium.',
  'firefox-esr': 'No Firefox: the tests in it are left out. Install one: apt-get install firefox-esr.',
  'postgresql-15': `No ${POSTGRES_15}: the store is tested on the embedded Postgres alone. As root on Debian 12 it is installed by itself.`,
  'python3-websockets':
    "No websockets for /usr/bin/python3: the tests with Python's client are left out. Install python3-websockets.",
  faketime: 'No libfaketime: the test with a clock that is set back is left out. Install faketime.',
};

/** Without it a whole Chromium does as well. */
async function hasQuickChromium() {
  const found = await findChromium();
  return found !== undefined && (found === HEADLESS_SHELL || !found.startsWith('/usr/bin/'));
}

async function findMissing() {
  const missing = new Set();
  if ((await findChromium()) === undefined) missing.add('chromium');
  if (findFirefox() === undefined) missing.add('firefox-esr');
  if (!existsSync(POSTGRES_15)) missing.add('postgresql-15');
  const python = await runProgram('/usr/bin/python3', ['-c', 'import websockets'], { quiet: true });
  if (!python.ok) missing.add('python3-websockets');
  if (findFakeTime() === undefined) missing.add('faketime');
  return missing;
}

function canUseApt() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** One by one after the first try: a package that this distribution lacks must not keep the others away. */
async function installByApt(packages) {
  console.log(`Installing by apt-get: ${packages.join(', ')} …`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, quiet: true, timeoutMs: DOWNLOAD_MS };
  await runProgram('apt-get', ['update', '-qq'], options);
  const install = (names) =>
    runProgram('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options);
  const all = await install(packages);
  if (all.ok) return;
  for (const name of packages) {
    const { ok, output } = await install([name]);
    if (!ok) console.log(`apt-get install ${name}: ${output.trim().split('\n').at(-1)}`);
  }
}
