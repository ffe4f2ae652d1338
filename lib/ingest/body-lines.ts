import { isAscii } from 'node:buffer';
import { StratalError } from '@/lib/errors/stratal-error';
import { INGEST_LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { nestingOf } from './body-json';
import { decodeUtf8 } from './decode-text';

/** The next lines of a body as sent, each one JSON value; blank ones are left out. */
export interface BodyLines {
  texts: string[];
  /** Characters of the line of the same index that were no UTF-8; absent where all were. */
  replaced?: number[];
  /**
   * True where all is ASCII and no `\u` escape stands in it: then a string's length is its size in UTF-8 and no character of it has to
   * be replaced. Most blocks are so, and it saves a look at each line.
   */
  isPlain?: boolean;
}

/** A larger chunk is taken in pieces, so that no batch holds up the server for long. */
const PIECE_BYTES = 256 * 1024;
const LINE_FEED = 10;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The lines of an NDJSON body, a batch per chunk. No more than one line and one chunk are in memory. Throws
 * STRATAL_TOO_LARGE for a line over `INGEST_LINE_BYTES_MAX`, STRATAL_INGEST_CUT for a last one that stops inside its JSON; both
 * after all lines before were yielded.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, hold: HoldBytes = holdAny): AsyncGenerator<BodyLines> {
  const cutter = new LineCutter(hold);
  for await (const piece of piecesOf(chunks)) for (const lines of cutter.take(piece)) yield lines;
  for (const lines of cutter.end()) yield lines;
}

/** The same of a body that is small and there as a whole. */
export function* linesOf(body: Buffer): Generator<BodyLines> {
  const cutter = new LineCutter(holdAny);
  yield* cutter.take(withoutByteOrderMark(body));
  yield* cutter.end();
}

/** Cuts a body into lines as its pieces come. */
class LineCutter {
  readonly #pending: PendingBytes;

  constructor(hold: HoldBytes) {
    this.#pending = new PendingBytes(hold);
  }

  /** The lines that end in a piece. */
  *take(piece: Buffer): Generator<BodyLines> {
    const lastFeed = piece.lastIndexOf(LINE_FEED);
    if (lastFeed < 0) {
      this.#pending.add(piece);
      return;
    }
    yield decodeBlock(this.#pending.takeWith(piece.subarray(0, lastFeed)));
    this.#pending.add(piece.subarray(lastFeed + 1));
  }

  /** The last line, where no line feed ends it. */
  *end(): Generator<BodyLines> {
    const last = decodeBlock(this.#pending.take());
    const text = last.texts[0];
    if (text === undefined) return;
    if (/^\s*[{[]/.test(text) && nestingOf(text) === 'open') throw bodyCut();
    yield last;
  }
}

/** A body's bytes in pieces of bounded size, without a byte order mark at its start. */
export async function* piecesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // The first bytes, as long as they may still become a byte order mark.
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (head) {
      bytes = Buffer.concat([head, chunk]);
      head = bytes.length < 3 && BYTE_ORDER_MARK.subarray(0, bytes.length).equals(bytes) ? bytes : undefined;
      if (head) continue;
      bytes = withoutByteOrderMark(bytes);
    }
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
  }
  if (head && head.length > 0) yield head;
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
}

/** Smaller pieces are copied together: a body may come byte by byte, and a buffer for each byte takes a hundred. */
const SMALL_PIECE_BYTES = 4096;
const ROOM_BYTES = 16 * 1024;

/** Is told how many bytes are held; throws where these are too many. */
export type HoldBytes = (bytes: number) => void;
export const holdAny: HoldBytes = () => {};

/** The bytes of a value that has not ended yet, of at most `INGEST_LINE_BYTES_MAX`. */
export class PendingBytes {
  #pieces: Buffer[] = [];
  #byteCount = 0;
  /** Where small pieces go, and how much of it they fill; they follow `#pieces`. */
  #room = Buffer.alloc(0);
  #filled = 0;
  readonly #hold: HoldBytes;

  constructor(hold: HoldBytes = holdAny) {
    this.#hold = hold;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#byteCount += piece.length;
    if (this.#byteCount > INGEST_LINE_BYTES_MAX) throw lineTooLarge();
    this.#hold(this.#byteCount);
    if (piece.length >= SMALL_PIECE_BYTES) {
      this.#endRoom();
      this.#pieces.push(piece);
      return;
    }
    if (this.#filled + piece.length > this.#room.length) {
      this.#endRoom();
      this.#room = Buffer.allocUnsafeSlow(ROOM_BYTES);
    }
    this.#filled += piece.copy(this.#room, this.#filled);
  }

  /** All bytes, with those that end the value. A block of several lines may be longer than one of them. */
  takeWith(last: Buffer): Buffer {
    if (this.#byteCount === 0) return last;
    const firstFeed = last.indexOf(LINE_FEED);
    const endOfFirst = firstFeed < 0 ? last.length : firstFeed;
    if (this.#byteCount + endOfFirst > INGEST_LINE_BYTES_MAX) throw lineTooLarge();
    return Buffer.concat([...this.takePieces(), last]);
  }

  /** All bytes as they came. */
  takePieces(): Buffer[] {
    this.#endRoom();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#byteCount = 0;
    this.#hold(0);
    return pieces;
  }

  #endRoom(): void {
    if (this.#filled > 0) this.#pieces.push(this.#room.subarray(0, this.#filled));
    this.#room = this.#room.subarray(this.#filled);
    this.#filled = 0;
  }

  take(): Buffer {
    return this.takeWith(Buffer.alloc(0));
  }
}

/** Whole lines at once: the bytes are decoded in one go and cut as text. */
function decodeBlock(block: Buffer): BodyLines {
  const isAsciiBlock = isAscii(block);
  const text = isAsciiBlock ? block.toString('latin1') : block.toString('utf8');
  if (!isAsciiBlock && text.includes('\ufffd')) return decodeLineByLine(block);
  const texts = (hasBlankRun(text) ? text.replace(BLANK_RUN, '\n') : text).split('\n');
  return {
    texts: texts.some(isBlank) ? texts.filter((line) => !isBlank(line)) : texts,
    isPlain: isAsciiBlock && !text.includes('\\u'),
  };
}

/** A small gzip body can hold gigabytes of blank lines: runs of them are taken out before a string is made of each. */
const BLANK_RUN = /\n[ \t\r\n]+/g;

function hasBlankRun(text: string): boolean {
  return text.includes('\n\n') || text.includes('\n\r');
}

function decodeLineByLine(block: Buffer): BodyLines {
  const texts: string[] = [];
  const replaced: number[] = [];
  let start = 0;
  while (start <= block.length) {
    const feed = block.indexOf(LINE_FEED, start);
    const end = feed < 0 ? block.length : feed;
    const line = decodeUtf8(block.subarray(start, end));
    if (!isBlank(line.text)) {
      texts.push(line.text);
      replaced.push(line.replaced);
    }
    start = end + 1;
  }
  return { texts, replaced };
}

function isBlank(line: string): boolean {
  return line.charCodeAt(0) > 32 ? false : line.trim() === '';
}

export function bodyCut(): StratalError {
  return new StratalError('STRATAL_INGEST_CUT', 'The body ends inside a line; send it again from there.');
}

function lineTooLarge(): StratalError {
  return new StratalError('STRATAL_TOO_LARGE', `A line must be at most ${INGEST_LINE_BYTES_MAX} bytes.`);
}
