import type { GroupMark } from '@/lib/terminal/group-stack';
import { groupMark, MARKER_FIRST_BYTES } from '@/lib/terminal/groups';
import { ByteReader, ByteWriter } from './byte-stream';

/**
 * A chunk's `marks`: its lines that open or end a group, by rising offset. Each is varints: lines since the mark before
 * (or the chunk's first line), facet × 16 + flags, then where the flags say so the name, and the number of sections that
 * end in the same line with their names. Two bytes for most; titles and counts are in the text and the facets.
 */
export interface ChunkMark {
  /** Of the line in its chunk, from 0. */
  offset: number;
  /** Index into the chunk's facets. */
  facet: number;
  marker: GroupMark;
}

const KINDS = ['start', 'end', 'header'] as const satisfies ReadonlyArray<GroupMark['kind']>;
const KIND_MASK = 3;
const HAS_NAME = 4;
const HAS_CLOSES = 8;
const FLAGS = 16;

/** The marks of a chunk's lines; undefined where no line is a marker. Most lines cost the look at their first character. */
export function findMarks(texts: readonly string[], facet: ArrayLike<number>): Buffer | undefined {
  let writer: MarkWriter | undefined;
  for (let index = 0; index < texts.length; index++) {
    const marker = groupMark(texts[index] ?? '');
    if (marker === undefined) continue;
    writer ??= new MarkWriter();
    writer.add(index, facet[index] ?? 0, marker);
  }
  return writer?.bytes();
}

/** Throws a RangeError where the bytes are no marks. */
export function* decodeMarks(bytes: Buffer): Generator<ChunkMark> {
  const reader = new ByteReader(bytes);
  let offset = 0;
  while (reader.hasMore()) {
    offset += reader.varint();
    const packed = reader.varint();
    const kind = KINDS[packed & KIND_MASK];
    if (kind === undefined) throw new RangeError('a mark is of no kind that is known');
    const marker: GroupMark = { kind };
    if (packed & HAS_NAME) marker.name = reader.text();
    if (packed & HAS_CLOSES) marker.closes = Array.from({ length: reader.varint() }, () => reader.text());
    yield { offset, facet: Math.floor(packed / FLAGS), marker };
  }
}

/** What becomes part of a larger chunk. */
export interface MarkedPart {
  /** Texts end to end, and the bytes of each. */
  body: Buffer;
  lengths: ArrayLike<number>;
  facet: ArrayLike<number>;
  marks: Buffer | undefined;
  /** The larger chunk's index of each facet. */
  renumbered: readonly number[];
}

/**
 * The marks of adjacent chunks that become one. Where some have marks, those without are looked through, as an earlier
 * version made none: marks that are there are whole.
 */
export function joinMarks(parts: readonly MarkedPart[]): Buffer | undefined {
  if (parts.every(({ marks }) => marks === undefined)) return undefined;
  const writer = new MarkWriter();
  let before = 0;
  for (const part of parts) {
    for (const { offset, facet, marker } of part.marks === undefined ? markersIn(part) : decodeMarks(part.marks)) {
      writer.add(before + offset, part.renumbered[facet] ?? 0, marker);
    }
    before += part.lengths.length;
  }
  return writer.bytes();
}

/** Of most lines only the first byte is looked at. */
function* markersIn({ body, lengths, facet }: MarkedPart): Generator<ChunkMark> {
  let end = 0;
  for (let offset = 0; offset < lengths.length; offset++) {
    const start = end;
    end += lengths[offset] ?? 0;
    if (end === start || !MARKER_FIRST_BYTES.has(body[start])) continue;
    const marker = groupMark(body.toString('utf8', start, end));
    if (marker) yield { offset, facet: facet[offset] ?? 0, marker };
  }
}

class MarkWriter {
  readonly #writer = new ByteWriter(256);
  #last = 0;

  add(offset: number, facet: number, { kind, name, closes }: GroupMark): void {
    const flags = (name === undefined ? 0 : HAS_NAME) | (closes === undefined ? 0 : HAS_CLOSES);
    this.#writer.varint(offset - this.#last);
    this.#writer.varint(facet * FLAGS + flags + KINDS.indexOf(kind));
    this.#last = offset;
    if (name !== undefined) this.#writer.text(name);
    if (closes === undefined) return;
    this.#writer.varint(closes.length);
    for (const closed of closes) this.#writer.text(closed);
  }

  bytes(): Buffer {
    return this.#writer.bytes();
  }
}
