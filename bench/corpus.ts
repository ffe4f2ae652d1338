import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The folder of real logs (STRATAL_CORPUS, default ../shared/corpus), or undefined where there is none. */
export function corpusFolder(): string | undefined {
  const folder = path.resolve(process.env.STRATAL_CORPUS ?? '../shared/corpus');
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
}

/** The real logs of the corpus, one text per file; expected outputs and indexes left out. */
export function readCorpus(folder: string): Array<{ name: string; text: string }> {
  const files: Array<{ name: string; text: string }> = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /\.(md|rendered|text|note|pb)$|LICENSE/.test(entry.name)) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    files.push({
      name: path.relative(folder, file),
      text: (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'),
    });
  }
  return files.sort((a, b) => a.name.localeCompare(b.name));
}

/** All lines of the corpus, as a program's output would be split. */
export function corpusLines(folder: string): string[] {
  return readCorpus(folder).flatMap(({ text }) => text.split('\n'));
}
