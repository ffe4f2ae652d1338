import { isAscii } from 'node:buffer';
import { promisify } from 'node:util';
import { type BrotliOptions, brotliDecompress, brotliDecompressSync } from 'node:zlib';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';
import { ByteReader } from './byte-stream';
import { COMPRESSION, CONTINUES, HAS_ATTRIBUTES, LAYOUT, type StoredFacet } from './chunk-codec';
import type { BatchColumns, Facet, TaskRef } from './line-batch';
import { StoredTexts } from './stored-texts';

/** The columns of a chunk row that its `attrs` cannot be read without. */
export interface StoredAttrs {
  lineCount: number;
  minUs: number;
  facets: readonly StoredFacet[];
  codec: number;
  attrs: Buffer;
}

/** A chunk row's own columns, as read back. */
export interface StoredChunk extends StoredAttrs {
  /** UTF-8 bytes of texts and attributes. */
  textBytes: number;
  body: Buffer;
}

/** What `attrs` holds of each line; all of the chunk's length. */
export interface LineAttrs {
  /** Index into the chunk's facets. */
  facet: Uint8Array | Uint16Array;
  timeUs: Float64Array;
  /** Bytes of text. */
  lengths: Uint32Array;
  continues: Uint8Array;
  attributes: Array<string | undefined> | undefined;
}

/** Columns as they were stored. */
export type StoredColumns = BatchColumns<StoredTexts>;

/** The columns of a stored chunk, inflated off this thread. Task keys are looked up in `tasks`. */
export async function decodeChunk(chunk: StoredChunk, tasks: ReadonlyMap<number, TaskRef>): Promise<StoredColumns> {
  const [attrs, body] = await Promise.all([
    inflate(chunk.attrs, chunk.codec, attrsBytes(chunk)),
    inflate(chunk.body, chunk.codec, chunk.textBytes),
  ]);
  return toColumns(chunk, attrs, body, tasks);
}

/** The same on this thread: for workers. */
export function decodeChunkSync(chunk: StoredChunk, tasks: ReadonlyMap<number, TaskRef>): StoredColumns {
  const attrs = inflateSync(chunk.attrs, chunk.codec, attrsBytes(chunk));
  return toColumns(chunk, attrs, inflateBody(chunk), tasks);
}

function toColumns(
  chunk: StoredChunk,
  attrs: Buffer,
  body: Buffer,
  tasks: ReadonlyMap<number, TaskRef>,
): StoredColumns {
  const { facet, timeUs, lengths, continues, attributes } = readAttrs(chunk, attrs);
  const facets = chunk.facets.map((stored) => toFacet(stored, tasks));
  const message = StoredTexts.of(body, lengths);
  return { facets, facet, timeUs, message, continues, attributes, isAscii: attributes === undefined && isAscii(body) };
}

/** A chunk's columns without its text, inflated on this thread. */
export function decodeAttrs(chunk: StoredAttrs): LineAttrs {
  return readAttrs(chunk, inflateSync(chunk.attrs, chunk.codec, attrsBytes(chunk)));
}

/** A chunk's text, all lines end to end, inflated on this thread. `roomBytes`: so much memory behind it is most often free. */
export function inflateBody(chunk: Pick<StoredChunk, 'body' | 'codec' | 'textBytes'>, roomBytes = 0): Buffer {
  return inflateSync(chunk.body, chunk.codec, chunk.textBytes + roomBytes);
}

function readAttrs(chunk: StoredAttrs, bytes: Buffer): LineAttrs {
  const { lineCount, facets } = chunk;
  const attrs = new ByteReader(bytes);
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
  return { facet, timeUs, lengths, continues, attributes };
}

/** A number for a facet's task, stream and level, whatever its lines. */
export function facetKey([task, stream, level]: StoredFacet): number {
  return (task * STREAMS.length + stream) * LEVELS.length + level;
}

/** Facet of a stored quadruple; a task that is gone (deleted with its run) reads as none. */
export function toFacet([task, stream, level]: StoredFacet, tasks: ReadonlyMap<number, TaskRef>): Facet {
  return {
    task: task === 0 ? undefined : tasks.get(task),
    stream: STREAMS[stream] ?? 'stdout',
    level: LEVELS[level] ?? 'info',
  };
}

/** So much compressed text is inflated at once: handing it to another thread would take longer. */
const INFLATE_HERE_BYTES = 4096;
/** Where what comes out fills its buffer, zlib takes another one of the same size and copies both. */
const SPARE_BYTES = 64;
const unbrotli = promisify<Buffer, BrotliOptions, Buffer>(brotliDecompress);

/** About what the attrs of a chunk inflate to where its lines have no attributes of their own. */
function attrsBytes({ lineCount }: StoredAttrs): number {
  return lineCount * 8 + 64;
}

/** Off this thread where it is large enough to be worth it. `sizeBytes`: about what comes out, so that it comes in one piece: in zlib's pieces of 16 KiB it takes several times as long. */
async function inflate(bytes: Buffer, codec: number, sizeBytes: number): Promise<Buffer> {
  if (bytes.length <= INFLATE_HERE_BYTES) return inflateSync(bytes, codec, sizeBytes);
  return isCompressed(codec) ? unbrotli(bytes, { chunkSize: sizeBytes + SPARE_BYTES }) : bytes;
}

function inflateSync(bytes: Buffer, codec: number, sizeBytes: number): Buffer {
  return isCompressed(codec) ? brotliDecompressSync(bytes, { chunkSize: sizeBytes + SPARE_BYTES }) : bytes;
}

function isCompressed(codec: number): boolean {
  if (codec >> 4 !== LAYOUT) throw new Error(`chunk layout ${codec >> 4} is not known to this version`);
  const compression = codec & 15;
  if (compression === COMPRESSION.none) return false;
  if (compression === COMPRESSION.brotli) return true;
  throw new Error(`chunk compression ${compression} is not known to this version`);
}
