import { randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** A pipe takes writes up to this size whole, so that no other process writes between (POSIX PIPE_BUF, at least on Linux). */
const ATOMIC_BYTES = 4096;
const ESCAPE = 0x1b;

/** Where a command's outputs are captured: `tty` for a terminal, else the device and inode of the pipe. */
export interface CapturedOutputs {
  stdout: string;
  stderr: string;
}

/** Marks what is captured for the run already: two sequences that no program writes by chance. */
export interface CaptureMark {
  open: Buffer;
  close: Buffer;
}

/** A new mark, and the text by which a `stratal run --job-run` inside the command gets to know it. */
export function makeCapture(jobRunId: string): { mark: CaptureMark; announce: (outputs: CapturedOutputs) => string } {
  const nonce = randomBytes(12).toString('hex');
  return { mark: markOf(nonce), announce: ({ stdout, stderr }) => [jobRunId, nonce, stdout, stderr].join(':') };
}

/**
 * The mark for what this process writes to `fd`, where that is captured for the run `jobRunId` by the `stratal run` around
 * it: without a mark every line of the inner command would be in the run twice.
 */
export function findMark(
  announced: string | undefined,
  jobRunId: string | undefined,
  fd: 1 | 2,
): CaptureMark | undefined {
  const [run, nonce, stdout, stderr] = announced?.split(':') ?? [];
  if (nonce === undefined || jobRunId === undefined || run !== jobRunId) return undefined;
  const captured = fd === 1 ? stdout : stderr;
  const isCaptured = captured === 'tty' ? isatty(fd) : captured === identifyPipe(fd);
  return isCaptured ? markOf(nonce) : undefined;
}

/** The device and inode of a descriptor's pipe. */
export function identifyPipe(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return `${dev}-${ino}`;
  } catch {
    return undefined;
  }
}

/** The bytes in marked blocks, each to be written by one call. */
export function markBytes(bytes: Buffer, { open, close }: CaptureMark): Buffer[] {
  const room = ATOMIC_BYTES - open.length - close.length;
  const count = Math.ceil(bytes.length / room);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([open, bytes.subarray(index * room, (index + 1) * room), close]),
  );
}

/** A piece of an output. */
export interface OutputPiece {
  bytes: Buffer;
  /** It is in the run already. */
  isCaptured: boolean;
}

/** Takes the marks out of an output. Bytes that may be the beginning of a mark are held until the next ones are there. */
export class CaptureFilter {
  readonly #mark: CaptureMark;
  #isInside = false;
  #held: Buffer = Buffer.alloc(0);

  constructor(mark: CaptureMark) {
    this.#mark = mark;
  }

  push(chunk: Buffer): OutputPiece[] {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const pieces: OutputPiece[] = [];
    const emit = (piece: Buffer) => {
      if (piece.length > 0) pieces.push({ bytes: piece, isCaptured: this.#isInside });
    };
    let from = 0;
    for (let sought = this.#sought(); ; sought = this.#sought()) {
      const at = bytes.indexOf(sought, from);
      if (at === -1) break;
      emit(bytes.subarray(from, at));
      this.#isInside = !this.#isInside;
      from = at + sought.length;
    }
    const rest = bytes.subarray(from);
    const held = lengthOfBeginning(rest, this.#sought());
    emit(rest.subarray(0, rest.length - held));
    this.#held = rest.subarray(rest.length - held);
    return pieces;
  }

  /** What was held, when the output has ended. */
  end(): OutputPiece[] {
    return this.#held.length === 0 ? [] : [{ bytes: this.#held, isCaptured: this.#isInside }];
  }

  #sought(): Buffer {
    return this.#isInside ? this.#mark.close : this.#mark.open;
  }
}

/** An Application Program Command (ECMA-48 §8.3.2), which a terminal that gets to see one does not show. */
function markOf(nonce: string): CaptureMark {
  return { open: Buffer.from(`\x1b_stratal:${nonce}>\x1b\\`), close: Buffer.from(`\x1b_stratal:${nonce}<\x1b\\`) };
}

/** How many bytes at the end may be the beginning of a mark. */
function lengthOfBeginning(bytes: Buffer, mark: Buffer): number {
  const longest = Math.min(mark.length - 1, bytes.length);
  if (bytes.indexOf(ESCAPE, bytes.length - longest) === -1) return 0;
  for (let length = longest; length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
