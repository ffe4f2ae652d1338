// `npm run verify`: types, lint with the import rules, and what documents say about the tree. Seconds, no database.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkDocPaths } from './check-doc-paths.mjs';
import { checkEnvExample } from './check-env-example.mjs';
import { checkTypeImports } from './check-type-imports.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { ROOT, runNode } from './run-program.mjs';

const modules = join(ROOT, 'node_modules');

/** Next's own types of our routes first: they are generated, and a deleted page leaves stale ones. Those of `npm run dev` it makes anew. */
async function checkTypes() {
  rmSync(join(ROOT, '.next', 'dev', 'types'), { recursive: true, force: true });
  const quiet = { quiet: true, env: { NEXT_TELEMETRY_DISABLED: '1' } };
  const routes = await runNode([join(modules, 'next', 'dist', 'bin', 'next'), 'typegen'], quiet);
  const types = await runNode([join(modules, 'typescript', 'bin', 'tsc'), '--noEmit'], quiet);
  return { ok: routes.ok && types.ok, output: (routes.ok ? '' : routes.output) + types.output };
}

/** Lint, import rules and formatting. */
function checkLint() {
  const args = [
    join(modules, '@biomejs', 'biome', 'bin', 'biome'),
    'check',
    '--error-on-warnings',
    '--max-diagnostics=50',
  ];
  return runNode([...args, '.'], { quiet: true });
}

async function checkTree() {
  const problems = [...checkTypeImports(), ...checkDocPaths(), ...checkEnvExample()];
  return { ok: problems.length === 0, output: problems.map((problem) => `${problem}\n`).join('') };
}

/** Runs all checks at the same time and tells each one's outcome. Resolves to how many failed. */
export async function verify() {
  const checks = { Types: checkTypes, 'Lint and import rules': checkLint, 'Documents and variables': checkTree };
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const { ok, output } = await check();
      console.log(`${ok ? '✓' : '✗'} ${name}`);
      if (!ok) process.stdout.write(output);
      return ok;
    }),
  );
  return outcomes.filter((ok) => !ok).length;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensureInstalled();
  if ((await verify()) > 0) process.exitCode = 1;
}
