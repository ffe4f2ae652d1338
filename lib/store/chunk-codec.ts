import { isAscii } from 'node:buffer';
import { promisify } from 'node:util';
import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
} from 'node:zlib';
import { z } from 'zod';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';
import { ByteReader, ByteWriter } from './byte-stream';
import type { Facet, LineColumns, TaskRef } from './line-batch';

/**
 * A chunk's layout. `facets` (JSON): `[task key or 0, stream, level, lines]`. `attrs`: four columns of varints, one after the
 * other, which compress far better than rows: facet index, time (difference to the line before, in µs), bytes of text, then the
 * few lines with flags or attributes. `body`: the texts end to end, UTF-8.
 *
 * `codec` = layout × 16 + compression.
 */
const LAYOUT = 1;

const COMPRESSION = { none: 0, brotli: 2 } as const;
type Compression = keyof typeof COMPRESSION;

/** Below this, compressing costs more than it saves. */
const COMPRESS_MIN_BYTES = 200;
const CONTINUES = 1;
const HAS_ATTRIBUTES = 2;

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

/** A chunk row's own columns, as read back. */
export interface StoredChunk {
  lineCount: number;
  minUs: number;
  facets: StoredFacet[];
  codec: number;
  attrs: Buffer;
  body: Buffer;
}

/** Lines `from` to `to` (exclusive) of columns as a chunk, compressed quickly: for appends. */
export function encodeChunk(columns: LineColumns, from: number, to: number): EncodedChunk {
  const laid = layOut(columns, from, to);
  if (laid.attrs.length + laid.body.length < COMPRESS_MIN_BYTES) return laid;
  const [attrs, body] = [brotliCompressSync(laid.attrs, QUICK), brotliCompressSync(laid.body, QUICK)];
  return { ...laid, codec: codecOf('brotli'), attrs, body };
}

/** All lines of columns as a chunk, compressed tightly and off this thread: for merges. */
export async function encodeMergedChunk(columns: LineColumns): Promise<EncodedChunk> {
  const laid = layOut(columns, 0, columns.message.length);
  if (laid.attrs.length + laid.body.length < COMPRESS_MIN_BYTES) return laid;
  const [attrs, body] = await Promise.all([brotli(laid.attrs, TIGHT), brotli(laid.body, TIGHT)]);
  return { ...laid, codec: codecOf('brotli'), attrs, body };
}

/** Chosen by measuring (docs/decisions.md): quality 1 beats deflate 1 in speed and size, 5 is the best below 30 MB/s. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const TIGHT = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const brotli = promisify<Buffer, BrotliOptions, Buffer>(brotliCompress);
const unbrotli = promisify<Buffer, Buffer>(brotliDecompress);

function codecOf(compression: Compression): number {
  return LAYOUT * 16 + COMPRESSION[compression];
}

/** The columns laid out, not compressed. Facets without a line there are left out. */
function layOut(columns: LineColumns, from: number, to: number): EncodedChunk {
  const lineCount = to - from;
  const counts = new Array<number>(columns.facets.length).fill(0);
  let minUs = Number.POSITIVE_INFINITY;
  let maxUs = 0;
  for (let index = from; index < to; index++) {
    const time = columns.timeUs[index] ?? 0;
    if (time < minUs) minUs = time;
    if (time > maxUs) maxUs = time;
    const facet = columns.facet[index] ?? 0;
    counts[facet] = (counts[facet] ?? 0) + 1;
  }
  const facets: StoredFacet[] = [];
  const renumbered = columns.facets.map((facet, index) => {
    const lines = counts[index] ?? 0;
    if (lines === 0) return 0;
    return facets.push([facet.task?.key ?? 0, STREAMS.indexOf(facet.stream), LEVELS.indexOf(facet.level), lines]) - 1;
  });

  const body = Buffer.from(columns.message.slice(from, to).join(''), 'utf8');
  const attrs = new ByteWriter(lineCount * 6 + 64);
  if (facets.length > 1) {
    for (let index = from; index < to; index++) attrs.varint(renumbered[columns.facet[index] ?? 0] ?? 0);
  }
  let before = minUs;
  for (let index = from; index < to; index++) {
    const time = columns.timeUs[index] ?? 0;
    attrs.signed(time - before);
    before = time;
  }
  const ascii = body.length === sum(columns.message, from, to);
  for (let index = from; index < to; index++) {
    const text = columns.message[index] ?? '';
    attrs.varint(ascii ? text.length : Buffer.byteLength(text, 'utf8'));
  }
  let last = from;
  let attributesBytes = 0;
  for (let index = from; index < to; index++) {
    const attributes = columns.attributes?.[index];
    const flags = (columns.continues[index] === 1 ? CONTINUES : 0) | (attributes === undefined ? 0 : HAS_ATTRIBUTES);
    if (flags === 0) continue;
    attrs.varint(index - last);
    attrs.varint(flags);
    if (attributes !== undefined) {
      attrs.text(attributes);
      attributesBytes += Buffer.byteLength(attributes, 'utf8');
    }
    last = index;
  }

  return {
    lineCount,
    minUs,
    maxUs,
    facets,
    textBytes: body.length + attributesBytes,
    codec: codecOf('none'),
    attrs: attrs.bytes(),
    body,
  };
}

/** The columns of a stored chunk, inflated off this thread. Task keys are looked up in `tasks`. */
export async function decodeChunk(chunk: StoredChunk, tasks: ReadonlyMap<number, TaskRef>): Promise<LineColumns> {
  if (chunk.codec >> 4 !== LAYOUT) throw new Error(`chunk layout ${chunk.codec >> 4} is not known to this version`);
  const { lineCount } = chunk;
  const [attrsBytes, body] = await Promise.all([inflate(chunk.attrs, chunk.codec), inflate(chunk.body, chunk.codec)]);
  const attrs = new ByteReader(attrsBytes);
  const facets = chunk.facets.map((stored) => toFacet(stored, tasks));
  const facet = facets.length > 255 ? new Uint16Array(lineCount) : new Uint8Array(lineCount);
  if (facets.length > 1) for (let index = 0; index < lineCount; index++) facet[index] = attrs.varint();
  const timeUs = new Float64Array(lineCount);
  let time = chunk.minUs;
  for (let index = 0; index < lineCount; index++) {
    time += attrs.signed();
    timeUs[index] = time;
  }
  const lengths = new Uint32Array(lineCount);
  for (let index = 0; index < lineCount; index++) lengths[index] = attrs.varint();
  const continues = new Uint8Array(lineCount);
  let attributes: Array<string | undefined> | undefined;
  let index = 0;
  while (attrs.hasMore()) {
    index += attrs.varint();
    const flags = attrs.varint();
    if (flags & CONTINUES) continues[index] = 1;
    if (flags & HAS_ATTRIBUTES) {
      attributes ??= new Array<string | undefined>(lineCount).fill(undefined);
      attributes[index] = attrs.text();
    }
  }
  const message = splitBody(body, lengths);
  return { facets, facet, timeUs, message, continues, attributes };
}

/** Facet of a stored quadruple; a task that is gone (deleted with its run) reads as none. */
export function toFacet([task, stream, level]: StoredFacet, tasks: ReadonlyMap<number, TaskRef>): Facet {
  return {
    task: task === 0 ? undefined : tasks.get(task),
    stream: STREAMS[stream] ?? 'stdout',
    level: LEVELS[level] ?? 'info',
  };
}

function splitBody(body: Buffer, lengths: Uint32Array): string[] {
  const lines = new Array<string>(lengths.length);
  const text = isAscii(body) ? body.toString('latin1') : undefined;
  let start = 0;
  for (let index = 0; index < lengths.length; index++) {
    const end = start + (lengths[index] ?? 0);
    lines[index] = text === undefined ? body.toString('utf8', start, end) : text.slice(start, end);
    start = end;
  }
  if (start !== body.length) throw new Error(`the chunk has ${body.length} bytes of text, and its lines ${start}`);
  return lines;
}

function sum(texts: readonly string[], from: number, to: number): number {
  let total = 0;
  for (let index = from; index < to; index++) total += texts[index]?.length ?? 0;
  return total;
}

/** So much compressed text is inflated at once: handing it to another thread would take longer. */
const INFLATE_HERE_BYTES = 4096;

async function inflate(bytes: Buffer, codec: number): Promise<Buffer> {
  const compression = codec & 15;
  if (compression === COMPRESSION.none) return bytes;
  if (compression !== COMPRESSION.brotli)
    throw new Error(`chunk compression ${compression} is not known to this version`);
  return bytes.length <= INFLATE_HERE_BYTES ? brotliDecompressSync(bytes) : unbrotli(bytes);
}
