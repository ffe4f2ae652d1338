import type { LineFilter } from '@/lib/protocol/filter';
import { matchesTime } from '@/lib/protocol/filter-match';
import { readAround } from '@/lib/store/around/read-around';
import { numberOf } from '@/lib/store/filtered-lines';
import type { RunHead } from '@/lib/store/store';
import { formatLine, type LineFormat } from './format-line';
import { type HeldLines, HeldPages } from './held-pages';
import type { FilePart } from './scan-task';

/**
 * A part of a run's lines as bytes of a file: those that pass the filter, and what comes with them. `held` reaches beyond the part as far as
 * what is in it may come with a match outside. Read as pages are, so that the file has the lines that they have.
 */
export async function renderAround(
  held: readonly HeldLines[],
  { run, format, filter, part }: { run: RunHead; format: LineFormat; filter: LineFilter; part: FilePart },
  isCancelled: () => boolean,
): Promise<Uint8Array[]> {
  const pages = new HeldPages(held, run, isCancelled);
  const pieces: Uint8Array[] = [];
  for (let after = part.firstLine - 1; after < part.lastLine; ) {
    const start = { kind: 'after', line: after } as const;
    const query = { run, start, limit: Number.POSITIVE_INFINITY, filter, around: part.around };
    const { lines, lastSeen } = await readAround(pages, query);
    let text = '';
    for (const line of lines) {
      if (numberOf(line) > part.lastLine) break;
      if (part.within && !matchesTime(part.within, line.batch.timeUs(line.index))) continue;
      text += formatLine(line.batch, line.index, format);
    }
    pieces.push(Buffer.from(text, 'utf8'));
    after = lastSeen;
  }
  return pieces;
}
