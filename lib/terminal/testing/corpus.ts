import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Real logs beside the repository; `STRATAL_CORPUS` names another place. */
const root = path.resolve(process.env.STRATAL_CORPUS ?? path.join(import.meta.dirname, '../../../../shared/corpus'));

/** For a test's `skip`: false, or why it cannot run. */
export const corpusSkip: string | false = existsSync(root) ? false : `no corpus at ${root} (set STRATAL_CORPUS)`;

/** Paths of all files of a folder and those below it, relative to the corpus. */
export function corpusFiles(folder = '.'): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** A file's text, inflated where it is gzip; bytes that are not UTF-8 become U+FFFD, as at ingest. */
export function corpusText(file: string): string {
  const bytes = readFileSync(path.join(root, file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** A file's lines without their line feeds. */
export function corpusLines(file: string): string[] {
  const lines = corpusText(file).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
