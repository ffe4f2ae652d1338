import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run-program.mjs';
import { listFiles } from './source-files.mjs';

/**
 * Where one folder may import another's types alone: what it runs with is given to it by lib/runtime.ts. The linter's
 * import rules, in biome.json, know folders but not this.
 */
const TYPES_ALONE = [
  { from: /^lib\/feed\//, to: /^@\/lib\/(store|observability)\// },
  { from: /^lib\/ingest\//, to: /^@\/lib\/(store|feed|observability)\// },
  { from: /^lib\/transport\//, to: /^@\/lib\/(store|observability)\// },
  { from: /^lib\/runtime-handle\.ts$/, to: /^(@\/lib|\.)\/(?!errors\/)/ },
];
const IMPORT = /^(?:import|export)\s+(?!type\b)([^'";]*?)\s*from\s+'([^']+)'/gm;

/** Sentences on imports of values where types alone are due, of this file with this text. */
export function findValueImports(path, text) {
  const targets = TYPES_ALONE.filter(({ from }) => from.test(path)).map(({ to }) => to);
  return [...text.matchAll(IMPORT)]
    .filter(([, names, source]) => targets.some((to) => to.test(source)) && !areTypes(names))
    .map(([, , source]) => `${path} imports more than types from ${source}: let lib/runtime.ts hand it in.`);
}

/** `{ type A, type B }` is types alone; a default or namespace import is not. */
function areTypes(names) {
  const inner = /^\{(.*)\}$/s.exec(names)?.[1];
  return inner?.split(',').every((name) => name.trim() === '' || /^type\s/.test(name.trim())) ?? false;
}

export function checkTypeImports() {
  return listFiles(['lib'], /\.tsx?$/)
    .filter((path) => !/\.test\.tsx?$|\/testing\//.test(path))
    .flatMap((path) => findValueImports(path, readFileSync(join(ROOT, path), 'utf8')));
}
