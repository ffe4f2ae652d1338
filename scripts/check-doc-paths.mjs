import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './run-program.mjs';
import { listFiles } from './source-files.mjs';

const FOLDERS = 'app|bench|bin|components|docs|drizzle|e2e|examples|lib|public|scripts|\\.ci';
/** A path in code quotes: in one of our folders, or a file of the root by its ending. Ones with a placeholder are not. */
const QUOTED = new RegExp(
  `\`((?:${FOLDERS})/[\\w.@/()[\\]-]+|[\\w.-]+\\.(?:md|mjs|json|config\\.ts)|server\\.ts|\\.env\\.example)(?::\\d+)?\``,
  'g',
);
const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g;
/** What a build or a run makes. */
const MADE = /^(dist|\.next|\.stratal)\//;

/** Sentences on paths that the text of this document names and that do not exist. */
export function findMissingPaths(document, text, exists = (path) => existsSync(join(ROOT, path))) {
  const quoted = [...text.matchAll(QUOTED)].map(([, path]) => [path, join(dirname(document), path)]);
  const linked = [...text.matchAll(LINK)].map(([, path]) => [join(dirname(document), decodeURI(path))]);
  return [...quoted, ...linked]
    .filter((places) => !places.some((path) => MADE.test(path) || exists(path)))
    .map(([path]) => `${document} names ${path}, which does not exist.`);
}

export function checkDocPaths() {
  const documents = ['README.md', 'CONTRIBUTING.md', ...listFiles(['docs'], /\.md$/)];
  return documents
    .filter((document) => existsSync(join(ROOT, document)))
    .flatMap((document) => findMissingPaths(document, readFileSync(join(ROOT, document), 'utf8')));
}
