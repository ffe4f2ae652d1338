// Bundles bin/main.ts into dist/stratal.mjs, so that the command starts without tsx, Next or Postgres. Run this file, or
// import it; `npm run build` and the launcher do.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTPUT = join(ROOT, 'dist', 'stratal.mjs');
/** All that the command may import (DESIGN.md §8). */
const SOURCES = ['bin', 'lib/config', 'lib/logger', 'lib/client', 'lib/protocol', 'lib/errors'];

/** The path of the built command; undefined where it is not built, or older than a source beside it. */
export function isBuilt() {
  const built = statSync(OUTPUT, { throwIfNoEntry: false });
  if (!built) return undefined;
  if (!existsSync(join(ROOT, 'bin', 'main.ts'))) return OUTPUT;
  const isStale = SOURCES.map((folder) => join(ROOT, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /\.(ts|mjs)$/.test(name) && !/\.test\.ts$/.test(name))
        .map((name) => join(folder, name)),
    )
    .some((path) => statSync(path).mtimeMs > built.mtimeMs);
  return isStale ? undefined : OUTPUT;
}

/** Bundles and returns the path; where dist cannot be written, a folder of the temporary directory has it. */
export async function bundleCommand() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'bin', 'main.ts')],
    tsconfig: join(ROOT, 'tsconfig.json'),
    absWorkingDir: ROOT,
    outfile: OUTPUT,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // A native module: it is found beside the bundle, in node_modules.
    external: ['@lydell/node-pty'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  return writeBundle(outputFiles[0].contents);
}

function writeBundle(contents) {
  try {
    mkdirSync(dirname(OUTPUT), { recursive: true });
    // Renamed in one step: other commands may be starting at this moment.
    const draft = `${OUTPUT}.${process.pid}`;
    writeFileSync(draft, contents);
    renameSync(draft, OUTPUT);
    return OUTPUT;
  } catch {
    const path = join(mkdtempSync(join(tmpdir(), 'stratal-')), 'stratal.mjs');
    writeFileSync(path, contents);
    return path;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleCommand();
