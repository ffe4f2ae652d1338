import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { serverBundle } from '@/scripts/build.mjs';
import type { Violation } from './transcript';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
/** Below node_modules, where no tool looks and the bundle still finds packages and migrations. */
const FOLDER = path.join('node_modules', '.cache', 'stratal-sabotage');

/** One text of the product's sources replaced by another, in a bundle that only the proof runs. */
interface Patch {
  file: string;
  /** Must be there exactly once. */
  find: string;
  replace: string;
}

/** A server that breaks one promise of docs/testing.md on purpose. */
export interface Sabotage {
  promise: Violation['promise'];
  title: string;
  patches: readonly Patch[];
}

/** Bundles a sabotaged server; resolves to the path of its `server.mjs`. */
export async function buildSabotaged({ promise, title, patches }: Sabotage): Promise<string> {
  const name = `${promise}-${title.replaceAll(/\W+/g, '-')}`;
  const outdir = path.join(FOLDER, name);
  await mkdir(path.join(ROOT, outdir), { recursive: true });
  const missing = new Set(patches.map(({ file }) => file));
  await build({ ...serverBundle(outdir), sourcemap: false, plugins: [patchSources(patches, missing)] });
  if (missing.size > 0) throw new Error(`The bundle has no ${[...missing].join(', ')}: mend the sabotage “${title}”.`);
  return path.join(outdir, 'server.mjs');
}

function patchSources(patches: readonly Patch[], missing: Set<string>): Plugin {
  return {
    name: 'sabotage',
    setup({ onLoad }) {
      for (const file of new Set(patches.map((patch) => patch.file))) {
        const filter = new RegExp(
          `[\\\\/]${file.replaceAll(/[.\\/]/g, (char) => (char === '.' ? '\\.' : '[\\\\/]'))}$`,
        );
        onLoad({ filter }, ({ path: source }) => {
          missing.delete(file);
          const own = patches.filter((patch) => patch.file === file);
          return { contents: own.reduce(applyPatch, readFileSync(source, 'utf8')), loader: 'ts' };
        });
      }
    },
  };
}

function applyPatch(text: string, { file, find, replace }: Patch): string {
  const places = text.split(find);
  if (places.length === 2) return places.join(replace);
  throw new Error(`${file} has the text to sabotage ${places.length - 1} times, not once: ${find}`);
}
