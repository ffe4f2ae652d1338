import { lengthOfLines } from './record';
import { encodeLines } from './wire-line';

/**
 * Lines that the server answered with an error of their own (a damaged file after a loss of power). Each is replaced by a
 * line that says so, so that it is missed at its place and the positions of all others stay as they are.
 */
export class UnstorableLines {
  /** By position in the log: what the server said. */
  readonly #reasons = new Map<number, string>();

  /** False where that line is a replacement already: then the error is not about the line. */
  add(position: number, reason: string): boolean {
    if (this.#reasons.has(position)) return false;
    this.#reasons.set(position, reason);
    return true;
  }

  forgetBefore(position: number): void {
    for (const at of this.#reasons.keys()) if (at < position) this.#reasons.delete(at);
  }

  /** A body of `count` lines from `position` on, with the replacements in it. */
  replaceIn(body: Buffer, position: number, count: number): Buffer {
    const parts: Buffer[] = [];
    let rest = body;
    let at = position;
    for (const [place, reason] of [...this.#reasons].sort(([a], [b]) => a - b)) {
      if (place < at || place >= position + count) continue;
      const start = lengthOfLines(rest, place - at);
      const end = lengthOfLines(rest, place - at + 1);
      parts.push(rest.subarray(0, start), replacement(reason, end - start));
      rest = rest.subarray(end);
      at = place + 1;
    }
    return parts.length === 0 ? body : Buffer.concat([...parts, rest]);
  }
}

function replacement(reason: string, bytes: number): Buffer {
  const text = `[stratal: this line could not be stored: ${reason}]`;
  const attributes = { unstored_bytes: bytes };
  return encodeLines([{ timeUs: Date.now() * 1000, stream: 'stdout', level: 'warn', text, attributes }]);
}
