import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run-program.mjs';
import { listFiles } from './source-files.mjs';

const EXAMPLE = '.env.example';
/** A key of a zod schema that is a variable's name. Those of other programs, such as XDG_STATE_HOME, are not ours to list. */
const SCHEMA_KEY = /^\s+(STRATAL_[A-Z0-9_]+|PORT|HOST|DATABASE_URL)\s*:/gm;
const EXAMPLE_NAME = /^#?\s*([A-Z][A-Z0-9_]*)=/gm;

/** Sentences on variables that only one of the two knows: the example's text and the sources of lib/config. */
export function compareVariables(example, sources) {
  const listed = new Set([...example.matchAll(EXAMPLE_NAME)].map(([, name]) => name));
  const read = new Set([...sources.matchAll(SCHEMA_KEY)].map(([, name]) => name));
  return [
    ...[...read]
      .filter((name) => !listed.has(name))
      .map((name) => `lib/config reads ${name}, which ${EXAMPLE} does not list.`),
    ...[...listed]
      .filter((name) => !read.has(name))
      .map((name) => `${EXAMPLE} lists ${name}, which lib/config does not read.`),
  ];
}

export function checkEnvExample() {
  if (!existsSync(join(ROOT, EXAMPLE)))
    return [`${EXAMPLE} is missing: it lists every variable that lib/config reads.`];
  const sources = listFiles(['lib/config'], /(?<!\.test)\.ts$/).map((path) => readFileSync(join(ROOT, path), 'utf8'));
  return compareVariables(readFileSync(join(ROOT, EXAMPLE), 'utf8'), sources.join('\n'));
}
