import { type BrotliOptions, brotliCompressSync, constants } from 'node:zlib';
import { z } from 'zod';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';

import { ByteWriter, TEXTS_SLACK_BYTES, zigzag } from './byte-stream';
import { findMarks } from './group-marks';
import type { LineColumns } from './line-batch';

/**
 * A chunk's layout. `facets` (JSON): `[task key or 0, stream, level, lines]`. `attrs`: four columns of varints, one after the
 * other, which compress far better than rows: facet index, time (difference to the line before, in µs), bytes of text, then the
 * few lines with flags or attributes. `body`: the texts end to end, UTF-8. `marks`: which lines are markers of groups, see ChunkMark.
 *
 * `codec` = layout × 16 + compression.
 */
export const LAYOUT = 1;

export const COMPRESSION = { none: 0, brotli: 2 } as const;
type Compression = keyof typeof COMPRESSION;

/** Below this, compressing costs more than it saves. */
const COMPRESS_MIN_BYTES = 200;
export const CONTINUES = 1;
export const HAS_ATTRIBUTES = 2;

export interface EncodedChunk {
  lineCount: number;
  minUs: number;
  maxUs: number;
  /** As stored: `[task key or 0, stream, level, lines]`. */
  facets: StoredFacet[];
  /** UTF-8 bytes of texts and attributes: what bounds a chunk, and about what it takes in memory. */
  textBytes: number;
  codec: number;
  attrs: Buffer;
  body: Buffer;
  /** Undefined where no line is a marker. */
  marks: Buffer | undefined;
}

/** A chunk made of lines that are in memory. */
export interface NewChunk extends EncodedChunk {
  /** True where texts and attributes are all ASCII. */
  isAscii: boolean;
}

export type StoredFacet = [task: number, stream: number, level: number, lines: number];

export const storedFacetsSchema = z.array(
  z.tuple([
    z.number().int().nonnegative(),
    z
      .number()
      .int()
      .min(0)
      .max(STREAMS.length - 1),
    z
      .number()
      .int()
      .min(0)
      .max(LEVELS.length - 1),
    z.number().int().positive(),
  ]),
);

/** Lines `from` to `to` (exclusive) of columns as a chunk, compressed quickly: for appends. */
export function encodeChunk(columns: LineColumns, from: number, to: number): NewChunk {
  return compress(layOut(columns, from, to), QUICK);
}

/** A chunk that was laid out, compressed tightly: for merges. */
export function compressTightly(laid: EncodedChunk): EncodedChunk {
  return compress(laid, TIGHT);
}

function compress<Chunk extends EncodedChunk>(laid: Chunk, options: BrotliOptions): Chunk {
  if (laid.attrs.length + laid.body.length < COMPRESS_MIN_BYTES) return laid;
  const [attrs, body] = [brotliCompressSync(laid.attrs, options), brotliCompressSync(laid.body, options)];
  return { ...laid, codec: codecOf('brotli'), attrs, body };
}

/**
 * Chosen by measuring (docs/decisions.md): quality 1 beats deflate 1 in speed and size, 5 is the best for what is kept. A window of 256 KiB
 * stays in the processor's cache: quality 1 reads back twice as fast by it.
 */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 } };
const TIGHT = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** The codec of this layout with a compression. */
export function codecOf(compression: Compression): number {
  return LAYOUT * 16 + COMPRESSION[compression];
}

/** The columns laid out, not compressed. Facets without a line there are left out. */
function layOut(columns: LineColumns, from: number, to: number): NewChunk {
  const lineCount = to - from;
  const counts = countFacets(columns.facets.length, columns.facet, from, to);
  let minUs = Number.POSITIVE_INFINITY;
  let maxUs = 0;
  for (let index = from; index < to; index++) {
    const time = columns.timeUs[index] ?? 0;
    if (time < minUs) minUs = time;
    if (time > maxUs) maxUs = time;
  }
  const facets: StoredFacet[] = [];
  const renumbered = columns.facets.map((facet, index) => {
    const lines = counts[index] ?? 0;
    if (lines === 0) return 0;
    return facets.push([facet.task?.key ?? 0, STREAMS.indexOf(facet.stream), LEVELS.indexOf(facet.level), lines]) - 1;
  });

  const texts = from === 0 && to === columns.message.length ? columns.message : columns.message.slice(from, to);
  // Plain numbers in arrays of their own: loops over those are what compiles well.
  const facet = new Float64Array(lineCount);
  const timeUs = new Float64Array(lineCount);
  const lengths = new Float64Array(lineCount);
  const continues = new Uint8Array(lineCount);
  let textLength = 0;
  for (let index = 0; index < lineCount; index++) {
    continues[index] = columns.continues[from + index] ?? 0;
    facet[index] = renumbered[columns.facet[from + index] ?? 0] ?? 0;
    timeUs[index] = columns.timeUs[from + index] ?? 0;
    const { length } = texts[index] ?? '';
    lengths[index] = length;
    textLength += length;
  }
  const bodyWriter = new ByteWriter(textLength + Math.min(textLength * 2, TEXTS_SLACK_BYTES));
  bodyWriter.texts(texts);
  const body = bodyWriter.bytes();
  if (textLength !== body.length) {
    for (let index = 0; index < lineCount; index++) lengths[index] = Buffer.byteLength(texts[index] ?? '', 'utf8');
  }
  const { attrs, attributesBytes, attributesLength } = layOutAttrs({
    facets: facets.length,
    facet,
    minUs,
    timeUs,
    lengths,
    continues,
    attributes: columns.attributes?.slice(from, to),
  });

  return {
    lineCount,
    minUs,
    maxUs,
    facets,
    textBytes: body.length + attributesBytes,
    codec: codecOf('none'),
    attrs,
    body,
    marks: findMarks(texts, facet),
    isAscii: textLength === body.length && attributesLength === attributesBytes,
  };
}

/** A chunk's lines without their text; the arrays have one number a line. */
export interface AttrColumns {
  /** How many facets the chunk has; of one alone `facet` need not be stored. */
  facets: number;
  facet: Float64Array;
  minUs: number;
  timeUs: Float64Array;
  /** Bytes of text. */
  lengths: Float64Array;
  continues: Uint8Array;
  /** JSON texts; absent where no line has attributes. */
  attributes: ReadonlyArray<string | undefined> | undefined;
}

/** `attrs` of a chunk, not compressed, and how many bytes of it are attributes, and how many units of text these were. */
export function layOutAttrs(columns: AttrColumns): {
  attrs: Buffer;
  attributesBytes: number;
  attributesLength: number;
} {
  const { facets, facet, minUs, timeUs, lengths, continues, attributes } = columns;
  const lineCount = lengths.length;
  const attrs = new ByteWriter(lineCount * 6 + 64);
  if (facets > 1) attrs.varints(facet);
  const steps = new Float64Array(lineCount);
  let before = minUs;
  for (let index = 0; index < lineCount; index++) {
    const time = timeUs[index] ?? 0;
    steps[index] = zigzag(time - before);
    before = time;
  }
  attrs.varints(steps);
  attrs.varints(lengths);
  let last = 0;
  let attributesBytes = 0;
  let attributesLength = 0;
  for (let index = 0; index < lineCount; index++) {
    const text = attributes?.[index];
    const flags = (continues[index] === 1 ? CONTINUES : 0) | (text === undefined ? 0 : HAS_ATTRIBUTES);
    if (flags === 0) continue;
    attrs.varint(index - last);
    attrs.varint(flags);
    if (text !== undefined) {
      attrs.text(text);
      attributesBytes += Buffer.byteLength(text, 'utf8');
      attributesLength += text.length;
    }
    last = index;
  }
  return { attrs: attrs.bytes(), attributesBytes, attributesLength };
}

/** Lines from `from` to `to` (exclusive) of each facet. */
export function countFacets(facets: number, facet: ArrayLike<number>, from: number, to: number): Uint32Array {
  const counts = new Uint32Array(facets);
  for (let index = from; index < to; index++) {
    const at = facet[index] ?? 0;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}
