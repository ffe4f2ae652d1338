// Bundles bin/single-file.ts into dist/stratal.mjs, so that the command starts without tsx, Next or Postgres, and check.ts, which needs
// Postgres and is there where the server is, into dist/check.mjs. Run this file, or import it; `npm run build` and the launcher do.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTPUT = join(ROOT, 'dist', 'stratal.mjs');
const CHECK_OUTPUT = join(ROOT, 'dist', 'check.mjs');
/** All that the command may import (the rules are in biome.json). */
const SOURCES = ['bin', 'lib/config', 'lib/logger', 'lib/client', 'lib/protocol', 'lib/terminal', 'lib/errors'];
/** The same for check.ts, which lies in the root itself. */
const CHECK_SOURCES = [
  '.',
  'lib/config',
  'lib/protocol',
  'lib/errors',
  'lib/store',
  'lib/store/check',
  'lib/store/embedded',
];

/** The path of the built command; undefined where it is not built, or older than a source beside it. */
export function isBuilt() {
  return findBuilt(OUTPUT, join('bin', 'main.ts'), SOURCES);
}

/** The path of the program behind `stratal check`, built if need be; undefined where only the command is installed. */
export async function findCheck() {
  const built = findBuilt(CHECK_OUTPUT, 'check.ts', CHECK_SOURCES);
  if (built !== undefined || !existsSync(join(ROOT, 'check.ts'))) return built;
  return bundleCheck();
}

function findBuilt(output, entry, sources) {
  const built = statSync(output, { throwIfNoEntry: false });
  if (!built) return undefined;
  if (!existsSync(join(ROOT, entry))) return output;
  const isStale = sources
    .map((folder) => join(ROOT, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /\.(ts|mjs)$/.test(name) && !/\.test\.ts$/.test(name))
        .map((name) => join(folder, name)),
    )
    .some((path) => statSync(path).mtimeMs > built.mtimeMs);
  return isStale ? undefined : output;
}

/** Bundles the program behind `stratal check`. Its libraries stay in node_modules, which is where the server's are. */
export async function bundleCheck() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'check.ts')],
    tsconfig: join(ROOT, 'tsconfig.json'),
    absWorkingDir: ROOT,
    outfile: CHECK_OUTPUT,
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  place(CHECK_OUTPUT, outputFiles[0].contents);
  return CHECK_OUTPUT;
}

/** Bundles and returns the path; where dist cannot be written, a folder of the temporary directory has it. */
export async function bundleCommand() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'bin', 'single-file.ts')],
    tsconfig: join(ROOT, 'tsconfig.json'),
    absWorkingDir: ROOT,
    outfile: OUTPUT,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // A native module is found beside the bundle, in node_modules. The command reads streams as server-sent events, for which it
    // needs neither of the client's other two libraries.
    external: ['@lydell/node-pty', 'ws', 'socket.io-client'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  return writeBundle(outputFiles[0].contents);
}

function writeBundle(contents) {
  try {
    place(OUTPUT, contents);
    return OUTPUT;
  } catch {
    const path = join(mkdtempSync(join(tmpdir(), 'stratal-')), 'stratal.mjs');
    writeFileSync(path, contents);
    return path;
  }
}

function place(output, contents) {
  mkdirSync(dirname(output), { recursive: true });
  // Renamed in one step: other commands may be starting at this moment.
  const draft = `${output}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, output);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleCommand();
