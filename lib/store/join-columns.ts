import type { StoredColumns } from './chunk-decode';
import type { Facet } from './line-batch';
import { StoredTexts } from './stored-texts';

/** One set of columns from several, end to end; a facet that several have becomes one. */
export function joinColumns(parts: readonly StoredColumns[]): StoredColumns {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const facets: Facet[] = [];
  const known = new Map<string, number>();
  const lineCount = parts.reduce((sum, part) => sum + part.message.length, 0);
  const facet = new Uint16Array(lineCount);
  const timeUs = new Float64Array(lineCount);
  const continues = new Uint8Array(lineCount);
  let attributes: Array<string | undefined> | undefined;
  let at = 0;
  for (const part of parts) {
    const renumbered = part.facets.map((one) => {
      const key = `${one.task?.key ?? 0} ${one.stream} ${one.level}`;
      const index = known.get(key) ?? facets.push(one) - 1;
      known.set(key, index);
      return index;
    });
    for (let index = 0; index < part.message.length; index++) {
      facet[at + index] = renumbered[part.facet[index] ?? 0] ?? 0;
      timeUs[at + index] = part.timeUs[index] ?? 0;
      continues[at + index] = part.continues[index] ?? 0;
      const attribute = part.attributes?.[index];
      if (attribute === undefined) continue;
      attributes ??= new Array<string | undefined>(lineCount).fill(undefined);
      attributes[at + index] = attribute;
    }
    at += part.message.length;
  }
  const message = StoredTexts.join(parts.map((part) => part.message));
  const isAscii = parts.every((part) => part.isAscii === true);
  return { facets, facet, timeUs, message, continues, attributes, isAscii };
}
