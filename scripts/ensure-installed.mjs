import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runNode, runProgram } from './run-program.mjs';

const LOCK = join(ROOT, 'package-lock.json');
/** What npm itself writes about the packages it has installed. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.stratal-installed');

/** Installs the locked packages where they are missing or others. Exits with a sentence where that fails. */
export async function ensureInstalled() {
  const lock = readFileSync(LOCK, 'utf8');
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`).update(lock).digest('hex');
  if (isInstalled(lock, hash)) return;
  console.log('Installing the packages of package-lock.json …');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const env = { NEXT_TELEMETRY_DISABLED: '1', PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' };
  const npm = process.env.npm_execpath;
  const { ok } = npm?.endsWith('.js') ? await runNode([npm, ...args], { env }) : await runProgram('npm', args, { env });
  if (!ok) {
    console.error(
      'The packages could not be installed: npm says above why. Stratal needs the npm registry for this once.',
    );
    process.exit(1);
  }
  writeFileSync(STAMP, hash);
}

function isInstalled(lock, hash) {
  if (!existsSync(INSTALLED)) return false;
  // Optional packages that the registry did not have stay missing: the stamp says that all was tried.
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return true;
  const { packages: found } = JSON.parse(readFileSync(INSTALLED, 'utf8'));
  return Object.entries(JSON.parse(lock).packages).every(([path, wanted]) => {
    if (path === '' || !isForThisPlatform(wanted)) return true;
    return found[path]?.version === wanted.version;
  });
}

function isForThisPlatform({ optional, os, cpu, libc }) {
  // An optional package for every platform may belong to one for another platform: nothing says whether it is needed.
  if (optional && os === undefined) return false;
  if (os !== undefined && !os.includes(process.platform)) return false;
  if (cpu !== undefined && !cpu.includes(process.arch)) return false;
  const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  return libc === undefined || process.platform !== 'linux' || libc.includes(isGlibc ? 'glibc' : 'musl');
}
