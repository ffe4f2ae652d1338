import { codecOf, compressTightly, type EncodedChunk, layOutAttrs, type StoredFacet } from './chunk-codec';
import { decodeAttrs, inflateBody, type StoredChunk } from './chunk-decode';
import { joinMarks, type MarkedPart } from './group-marks';

/** A stored chunk with all of its row. */
export type MarkedChunk = StoredChunk & Pick<EncodedChunk, 'marks'>;

/**
 * One chunk of several adjacent ones, compressed tightly on this thread: for workers. Texts are only copied, as bytes: making strings of
 * them would cost as much as the compression.
 */
export function joinChunks(chunks: readonly MarkedChunk[]): EncodedChunk {
  const parts = chunks.map((chunk) => ({ ...chunk, attrs: decodeAttrs(chunk), body: inflateBody(chunk) }));
  const lineCount = chunks.reduce((sum, chunk) => sum + chunk.lineCount, 0);
  const facets: StoredFacet[] = [];
  const known = new Map<string, number>();
  const facet = new Float64Array(lineCount);
  const timeUs = new Float64Array(lineCount);
  const lengths = new Float64Array(lineCount);
  const continues = new Uint8Array(lineCount);
  let attributes: Array<string | undefined> | undefined;
  let minUs = Number.POSITIVE_INFINITY;
  let maxUs = 0;
  const marked: MarkedPart[] = [];
  let at = 0;
  for (const { facets: own, attrs, body, marks } of parts) {
    continues.set(attrs.continues, at);
    if (attrs.attributes) {
      attributes ??= new Array<string | undefined>(lineCount).fill(undefined);
      attributes.splice(at, attrs.attributes.length, ...attrs.attributes);
    }
    const renumbered = own.map((one) => addFacet(facets, known, one));
    marked.push({ ...attrs, body, marks, renumbered });
    for (let index = 0; index < attrs.lengths.length; index++, at++) {
      const time = attrs.timeUs[index] ?? 0;
      if (time < minUs) minUs = time;
      if (time > maxUs) maxUs = time;
      facet[at] = renumbered[attrs.facet[index] ?? 0] ?? 0;
      timeUs[at] = time;
      lengths[at] = attrs.lengths[index] ?? 0;
    }
  }
  const { attrs, attributesBytes } = layOutAttrs({
    facets: facets.length,
    facet,
    minUs,
    timeUs,
    lengths,
    continues,
    attributes,
  });
  const body = Buffer.concat(parts.map(({ body }) => body));
  const textBytes = body.length + attributesBytes;
  return compressTightly({
    lineCount,
    minUs,
    maxUs,
    facets,
    textBytes,
    codec: codecOf('none'),
    attrs,
    body,
    marks: joinMarks(marked),
  });
}

/** The index of a facet's combination, which is added where it is new; its lines are counted. */
function addFacet(
  facets: StoredFacet[],
  known: Map<string, number>,
  [task, stream, level, lines]: StoredFacet,
): number {
  const key = `${task} ${stream} ${level}`;
  const index = known.get(key) ?? facets.push([task, stream, level, 0]) - 1;
  known.set(key, index);
  const facet = facets[index];
  if (facet) facet[3] += lines;
  return index;
}
