import { isAscii } from 'node:buffer';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesFacet, matchesTime } from '@/lib/protocol/filter-match';
import type { TextQuery } from '@/lib/protocol/text-query';
import { decodeAttrs, inflateBody, type LineAttrs, type StoredChunk, toFacet } from '@/lib/store/chunk-decode';
import type { TaskRef } from '@/lib/store/line-batch';
import { type LineSpan, piecesOf } from '@/lib/store/text-pieces';

export interface ScannedChunk extends StoredChunk {
  maxUs: number;
}

export interface SearchHooks {
  /** Called with each match in order; false ends the search. */
  onMatch(index: number, ranges: ReadonlyArray<readonly [number, number]>): boolean;
  /** Asked before each line that is looked at; false ends the search. */
  mayLook(index: number): boolean;
}

/** Starts of what `stripAnsi` takes out: where one is, text and stripped text differ. */
const INTRODUCERS = /[\x1b\x9b\x9d]/g;
const NOWHERE = Number.POSITIVE_INFINITY;

/**
 * Finds a chunk's lines that pass a filter, with the ranges of its text query. The text of many lines is searched as one; a line becomes an object of
 * its own only where the query's candidates or an escape sequence are. False where a hook ended it.
 */
export function searchChunk(
  chunk: ScannedChunk,
  span: LineSpan,
  filter: LineFilter,
  tasks: ReadonlyMap<number, TaskRef>,
  hooks: SearchHooks,
): boolean {
  const accepted = chunk.facets.map((stored) => matchesFacet(filter, toFacet(stored, tasks)));
  if (!accepted.includes(true) || !canHold(filter, chunk)) return true;
  if (!filter.text) return emitAll(chunk, span, filter, accepted, hooks);

  const attrs = decodeAttrs(chunk);
  const accepts = acceptLine(chunk, filter, accepted, attrs);
  const body = inflateBody(chunk);
  for (const piece of piecesOf(attrs.lengths, span)) {
    const bytes = body.subarray(piece.start, piece.end);
    const isPlain = isAscii(bytes);
    const finder = new Finder(filter.text, bytes.toString(isPlain ? 'latin1' : 'utf8'), mayHoldEscape(bytes, isPlain));
    if (!finder.isAnywhere) continue;
    const starts = startsOf(bytes, attrs.lengths.subarray(piece.from, piece.to), isPlain);
    const lines = piece.to - piece.from;
    for (let line = finder.nextLine(starts, 0); line < lines; line = finder.nextLine(starts, line + 1)) {
      const index = piece.from + line;
      if (!accepts(index)) continue;
      if (!hooks.mayLook(index)) return false;
      const ranges = finder.match(starts[line] ?? 0, starts[line + 1] ?? 0);
      if (ranges && !hooks.onMatch(index, ranges)) return false;
    }
  }
  return true;
}

const ESCAPE = 0x1b;
/** U+009B and U+009D in UTF-8. */
const C1_INTRODUCERS = [Buffer.of(0xc2, 0x9b), Buffer.of(0xc2, 0x9d)];

function mayHoldEscape(bytes: Buffer, isPlain: boolean): boolean {
  return bytes.includes(ESCAPE) || (!isPlain && C1_INTRODUCERS.some((introducer) => bytes.includes(introducer)));
}

/** Looks for the next line that may match. It only moves forward. */
class Finder {
  readonly #query: TextQuery;
  readonly #text: string;
  /** The nearest place of a candidate and of an escape sequence at or behind the line asked for last; NOWHERE where there is none. */
  #candidate = NOWHERE;
  #candidateEnd = 0;
  #escape: number;

  constructor(query: TextQuery, text: string, hasEscapes: boolean) {
    this.#query = query;
    this.#text = text;
    this.#findCandidate(0);
    this.#escape = hasEscapes ? this.#findEscape(0) : NOWHERE;
  }

  get isAnywhere(): boolean {
    return !this.#query.candidates || this.#candidate !== NOWHERE || this.#escape !== NOWHERE;
  }

  /** The first line from `from` on that has to be looked at; the number of lines where none has. */
  nextLine(starts: Uint32Array, from: number): number {
    const lines = starts.length - 1;
    if (!this.#query.candidates || from >= lines) return Math.min(from, lines);
    const start = starts[from] ?? 0;
    if (this.#candidate < start) this.#findCandidate(start);
    if (this.#escape < start) this.#escape = this.#findEscape(start);
    const place = Math.min(this.#candidate, this.#escape);
    if (place === NOWHERE) return lines;
    return lineAt(starts, from, place);
  }

  /** The ranges in the line at [start, end) of the text where it matches. */
  match(start: number, end: number): Array<[number, number]> | undefined {
    const { candidates } = this.#query;
    if (!candidates?.isExact || this.#escape < end) {
      const message = this.#text.slice(start, end);
      return this.#query.matches(message) ? this.#query.ranges(message) : undefined;
    }
    // The text asked for has one length whatever its case, so a find that ends in a later line is the last one that begins in this line.
    const ranges: Array<[number, number]> = [];
    while (this.#candidateEnd <= end && this.#candidate < end) {
      ranges.push([this.#candidate - start, this.#candidateEnd - start]);
      this.#findCandidate(this.#candidateEnd);
    }
    return ranges.length === 0 ? undefined : ranges;
  }

  #findCandidate(from: number): void {
    const { candidates } = this.#query;
    if (!candidates) return;
    candidates.pattern.lastIndex = from;
    this.#candidate = candidates.pattern.exec(this.#text)?.index ?? NOWHERE;
    this.#candidateEnd = candidates.pattern.lastIndex;
  }

  #findEscape(from: number): number {
    INTRODUCERS.lastIndex = from;
    return INTRODUCERS.exec(this.#text)?.index ?? NOWHERE;
  }
}

/** Whether the line of an index has one of the accepted facets and a time in range. */
function acceptLine(
  chunk: ScannedChunk,
  filter: LineFilter,
  accepted: readonly boolean[],
  { facet, timeUs }: LineAttrs,
): (index: number) => boolean {
  const isAnyTime = matchesTime(filter, chunk.minUs) && matchesTime(filter, chunk.maxUs);
  if (isAnyTime && !accepted.includes(false)) return () => true;
  return (index) => accepted[facet[index] ?? 0] === true && (isAnyTime || matchesTime(filter, timeUs[index] ?? 0));
}

function emitAll(
  chunk: ScannedChunk,
  { from, to }: LineSpan,
  filter: LineFilter,
  accepted: readonly boolean[],
  hooks: SearchHooks,
): boolean {
  const accepts = acceptLine(chunk, filter, accepted, decodeAttrs(chunk));
  for (let index = from; index < to; index++) if (accepts(index) && !hooks.onMatch(index, [])) return false;
  return true;
}

/** Whether the chunk's times and the filter's overlap. */
function canHold({ fromUs = 0, toUs = NOWHERE }: LineFilter, { minUs, maxUs }: ScannedChunk): boolean {
  return maxUs >= fromUs && minUs < toUs;
}

/** Where each line begins in the text, in UTF-16 units, and where the last one ends. */
function startsOf(body: Buffer, lengths: Uint32Array, isPlain: boolean): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  let units = 0;
  let byte = 0;
  for (let index = 0; index < lengths.length; index++) {
    const bytes = lengths[index] ?? 0;
    units += isPlain ? bytes : utf16Units(body, byte, byte + bytes);
    byte += bytes;
    starts[index + 1] = units;
  }
  return starts;
}

/** One unit for each first byte of a character, two where it has four bytes. */
function utf16Units(body: Buffer, from: number, to: number): number {
  let units = 0;
  for (let at = from; at < to; at++) {
    const byte = body[at] ?? 0;
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

/** The line, from `from` on, in which a place of the text lies. */
function lineAt(starts: Uint32Array, from: number, place: number): number {
  let low = from;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
