import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Real logs that nobody here wrote; not part of the repository. */
const CORPUS = path.resolve(
  process.env.STRATAL_CORPUS ?? path.join(import.meta.dirname, '..', '..', 'shared', 'corpus'),
);

/** Why tests of the corpus are skipped, or undefined where it is there. */
export const corpusAbsence = existsSync(CORPUS)
  ? undefined
  : `no corpus of logs at ${CORPUS}: set STRATAL_CORPUS to its folder`;

/** A line over this many bytes loses what a carriage return overwrote before it is stored. */
const LINE_BYTES_MAX = 128 * 1024;

/** Files that one command prints one after the other. */
export interface CorpusBatch {
  /** Fit for a run's id. */
  folder: string;
  paths: string[];
  bytes: Buffer;
}

/**
 * The corpus as text that comes back byte for byte, so without invalid UTF-8, NUL and overwritten lines over the bound: a
 * batch for each folder, which ends with a file without a last newline where the folder has one. `scratch` takes the
 * inflated files.
 */
export async function readCorpus(scratch: string): Promise<CorpusBatch[]> {
  const folders = new Map<string, Array<{ path: string; bytes: Buffer }>>();
  const files = await readdir(CORPUS, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const folder = path.relative(CORPUS, file.parentPath) || 'index';
    const printed = await inflate(path.join(file.parentPath, file.name), scratch);
    const bytes = await readFile(printed);
    if (isStoredAsItIs(bytes)) folders.set(folder, [...(folders.get(folder) ?? []), { path: printed, bytes }]);
  }
  return [...folders].map(([folder, texts]) => {
    const sorted = texts.sort((a, b) => Number(isTerminated(b.bytes)) - Number(isTerminated(a.bytes)));
    const bytes = Buffer.concat(sorted.map((text) => text.bytes));
    return { folder, paths: sorted.map((text) => text.path), bytes };
  });
}

/** The path of the file's text. */
async function inflate(source: string, scratch: string): Promise<string> {
  if (!source.endsWith('.gz')) return source;
  const printed = path.join(scratch, path.basename(source, '.gz'));
  await writeFile(printed, gunzipSync(await readFile(source)));
  return printed;
}

function isTerminated(bytes: Buffer): boolean {
  return bytes.at(-1) === 0x0a;
}

function isStoredAsItIs(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return false;
  }
  return !text.split('\n').some((line) => line.includes('\r') && Buffer.byteLength(line) > LINE_BYTES_MAX);
}
