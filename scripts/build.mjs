// Builds what `npm start` runs: Next's pages into .next, and server.ts, check.ts and the `stratal` command into dist. Run directly
// it always builds; `npm start` builds when an input has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './ensure-installed.mjs';
import { ROOT, runNode } from './run-program.mjs';
import { listFiles } from './source-files.mjs';

const STAMP = join(ROOT, 'dist', '.inputs');
const OUTPUTS = ['.next/BUILD_ID', 'dist/server.mjs', 'dist/check.mjs', 'dist/stratal.mjs'].map((path) =>
  join(ROOT, path),
);
const INPUT_FOLDERS = ['app', 'bin', 'components', 'drizzle', 'lib', 'public'];
const INPUT_FILES = /^((server|check)\.ts|package-lock\.json|tsconfig\.json|(next|postcss|tailwind)\.config\.\w+)$/;

/** Builds everything. Resolves to whether that worked; what went wrong is on the terminal. */
export async function build() {
  rmSync(STAMP, { force: true });
  const inputs = hashInputs();
  const [pages, bundles] = await Promise.all([buildPages(), buildBundles()]);
  if (!pages || !bundles) return false;
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(STAMP, inputs);
  return true;
}

/** Builds if an input has changed since the last build. */
export async function buildIfChanged() {
  const isBuilt = OUTPUTS.every((path) => existsSync(path)) && existsSync(STAMP);
  if (isBuilt && readFileSync(STAMP, 'utf8') === hashInputs()) return true;
  console.log('Building …');
  return build();
}

async function buildPages() {
  const next = join(ROOT, 'node_modules', 'next', 'dist', 'bin', 'next');
  const { ok } = await runNode([next, 'build'], { env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' } });
  return ok;
}

async function buildBundles() {
  const { bundleCheck, bundleCommand } = await import('../bin/bundle.mjs');
  const { build: bundle } = await import('esbuild');
  try {
    await bundle(serverBundle('dist'));
    await bundleCheck();
    await bundleCommand();
    return true;
  } catch (error) {
    // esbuild has printed what is wrong in the sources; anything else is worth its stack.
    if (!Array.isArray(error.errors)) console.error(error);
    return false;
  }
}

/**
 * How esbuild makes the server and its workers; the proof bundles broken ones elsewhere.
 * @param {string} outdir
 * @returns {import('esbuild').BuildOptions}
 */
export function serverBundle(outdir) {
  return {
    absWorkingDir: ROOT,
    entryPoints: ['server.ts', ...workers()],
    outdir,
    // Flat: a program finds its worker beside itself.
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
  };
}

/** Worker threads are programs of their own: `lib/store/search.worker.ts` becomes `dist/search.worker.mjs`. */
function workers() {
  return listFiles(['lib'], /\.worker\.ts$/);
}

function hashInputs() {
  const hash = createHash('sha256');
  const files = readdirSync(ROOT).filter((name) => INPUT_FILES.test(name));
  for (const path of [...files, ...listFiles(INPUT_FOLDERS, /(?<!\.test\.tsx?)$/)]) {
    hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensureInstalled();
  if (!(await build())) process.exitCode = 1;
}
