import { LINE_BYTES_MAX } from '@/lib/protocol/limits';

const LF = 0x0a;
const CR = 0x0d;

/** One line as a program wrote it, without its line feed. `text` may be a view of the chunk that was pushed. */
export interface SplitLine {
  text: Buffer;
  /** The line goes on in the next one: a part of a long line, or one that the program never ended. */
  continues: boolean;
  /** Bytes before `text` that a carriage return had overwritten and that were left out; 0 unless the line was too long. */
  droppedBytes: number;
}

/**
 * Cuts one stream's bytes into lines, whatever the borders of its chunks. Bytes are kept exactly, a `\r` before the
 * line feed too. Only a line over the bound is changed: first what a `\r` overwrote is dropped (a progress bar that never
 * ends its line), then what is still too long is split between characters. It holds at most one line bound and a chunk.
 */
export class LineSplitter {
  readonly #lineBytesMax: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #droppedBytes = 0;

  /** `lineBytesMax` defaults to the protocol's bound of a line. */
  constructor(lineBytesMax: number = LINE_BYTES_MAX) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** The lines that this chunk ends, and parts of one that grew too long. */
  push(chunk: Buffer): SplitLine[] {
    const lines: SplitLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      this.#emitLine(this.#takeHeld(chunk.subarray(from, end)), lines);
      from = end + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from), lines);
    return lines;
  }

  /** The last line where the program did not end it, flagged `continues`. */
  end(): SplitLine[] {
    if (this.#heldBytes === 0) return [];
    return [this.#piece(this.#takeHeld(), true)];
  }

  /** The newest at most `bytesMax` bytes of the line that is not ended yet, beginning at a character; empty if none. */
  unfinished(bytesMax: number): Buffer {
    const held = Buffer.concat(this.#held);
    if (held.length <= bytesMax) return held;
    const visible = held.subarray(overwrittenBytes(held));
    if (visible.length <= bytesMax) return visible;
    return visible.subarray(nextCharacter(visible, visible.length - bytesMax));
  }

  #hold(rest: Buffer, lines: SplitLine[]): void {
    // A copy, so that a few bytes of an unfinished line do not keep a whole chunk alive.
    this.#held.push(Buffer.from(rest));
    this.#heldBytes += rest.length;
    if (this.#heldBytes > this.#lineBytesMax) {
      let line = this.#withoutOverwritten(this.#takeHeld());
      while (line.length > this.#lineBytesMax) line = this.#emitPart(line, lines);
      this.#held = [line];
      this.#heldBytes = line.length;
    } else if (this.#held.length > 256) {
      this.#held = [Buffer.concat(this.#held)];
    }
  }

  #emitLine(whole: Buffer, lines: SplitLine[]): void {
    let line = whole;
    if (line.length > this.#lineBytesMax) {
      line = this.#withoutOverwritten(line);
      while (line.length > this.#lineBytesMax) line = this.#emitPart(line, lines);
    }
    lines.push(this.#piece(line, false));
  }

  /** Emits the first part of a line and returns the rest. */
  #emitPart(line: Buffer, lines: SplitLine[]): Buffer {
    const cut = characterBefore(line, this.#lineBytesMax);
    lines.push(this.#piece(line.subarray(0, cut), true));
    return line.subarray(cut);
  }

  #piece(text: Buffer, continues: boolean): SplitLine {
    const droppedBytes = this.#droppedBytes;
    this.#droppedBytes = 0;
    return { text, continues, droppedBytes };
  }

  #withoutOverwritten(line: Buffer): Buffer {
    const dropped = overwrittenBytes(line);
    this.#droppedBytes += dropped;
    return line.subarray(dropped);
  }

  #takeHeld(rest?: Buffer): Buffer {
    if (this.#heldBytes === 0) return rest ?? Buffer.alloc(0);
    const whole = Buffer.concat(rest ? [...this.#held, rest] : this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return whole;
  }
}

/** A text in pieces of at most `bytesMax` bytes, split between characters; at least one piece. */
export function splitText(text: Buffer, bytesMax: number): Buffer[] {
  const pieces: Buffer[] = [];
  let rest = text;
  while (rest.length > bytesMax) {
    const cut = characterBefore(rest, bytesMax);
    pieces.push(rest.subarray(0, cut));
    rest = rest.subarray(cut);
  }
  return [...pieces, rest];
}

/** How many bytes the last `\r` with text after it makes invisible, itself included. */
function overwrittenBytes(line: Buffer): number {
  let end = line.length;
  while (end > 0 && line[end - 1] === CR) end -= 1;
  return end === 0 ? 0 : line.lastIndexOf(CR, end - 1) + 1;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The greatest index up to `index` at which a UTF-8 character begins; `index` itself where the bytes are none. */
function characterBefore(bytes: Buffer, index: number): number {
  for (let at = index; at > index - 4 && at > 0; at -= 1) {
    if (!isContinuation(bytes[at])) return at;
  }
  return index;
}

/** The smallest index from `index` on at which a UTF-8 character begins; `index` itself where the bytes are none. */
function nextCharacter(bytes: Buffer, index: number): number {
  for (let at = index; at < index + 4; at += 1) {
    if (!isContinuation(bytes[at])) return at;
  }
  return index;
}
