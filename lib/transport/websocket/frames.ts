import { type LineFormat, type Offsets, offsetsFor } from '@/lib/feed/line-encoder';
import { ByteScratch } from '@/lib/transport/byte-scratch';
import { cursorAfterLine, type StreamScope } from '@/lib/transport/line-cursor';
import { writeInGroups } from '@/lib/transport/line-groups';

/** First byte of an unfragmented text frame (RFC 6455 §5.2): FIN and opcode 1. */
const TEXT_FRAME = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Room for headers of 2, 4 and 10 bytes. */
const ROOM: Readonly<Record<number, string>> = { 2: '\0'.repeat(2), 4: '\0'.repeat(4), 10: '\0'.repeat(10) };

/** Lines as whole text frames, one LogMessage each, one behind the other. */
export function frameFormat(epoch: string, scope: StreamScope): LineFormat<Buffer> {
  const scratch = new ByteScratch();
  return {
    encode({ batch, from, to, entry }) {
      const offsets = offsetsFor(to - from);
      const textOf = (index: number) =>
        batch.toJson(
          index,
          scope === 'run' ? undefined : cursorAfterLine(epoch, batch.runKey, batch.firstLine + index, entry),
        );
      writeInGroups(from, to, textOf, (texts, start) =>
        writeFrames(scratch, texts, batch.isAscii, offsets, start - from),
      );
      return { data: scratch.take(), offsets };
    },
    slice: (data, start, end) => data.subarray(start, end),
  };
}

/** Text frames one behind the other; the end of each is noted in `offsets`, whose place `at` is the first one's start. */
function writeFrames(
  scratch: ByteScratch,
  texts: readonly string[],
  isAscii: boolean,
  offsets: Offsets,
  at: number,
): void {
  let start = scratch.length;
  if (isAscii) scratch.writeAscii(texts.map((text) => `${ROOM[headerLength(text.length)]}${text}`).join(''));
  for (const [index, text] of texts.entries()) {
    if (isAscii) {
      writeHeader(scratch.bytes, start, text.length);
      start += headerLength(text.length) + text.length;
    } else {
      writeFrame(scratch, text);
      start = scratch.length;
    }
    offsets[at + index + 1] = start;
  }
}

/** One text frame. */
export function textFrame(text: string): Buffer {
  const scratch = new ByteScratch(16 + text.length * 3);
  writeFrame(scratch, text);
  return scratch.take();
}

/** The header's length is guessed from the text's and put right where the text was not ASCII. */
function writeFrame(scratch: ByteScratch, text: string): void {
  const guess = headerLength(text.length);
  const start = scratch.length;
  const length = scratch.write(text, guess);
  scratch.moveLast(length, headerLength(length) - guess);
  writeHeader(scratch.bytes, start, length);
}

/** The header of a text frame whose payload has `length` bytes. */
function writeHeader(bytes: Buffer, at: number, length: number): void {
  bytes[at] = TEXT_FRAME;
  if (length < LENGTH_16) bytes[at + 1] = length;
  else if (length < 0x10000) {
    bytes[at + 1] = LENGTH_16;
    bytes[at + 2] = length >> 8;
    bytes[at + 3] = length & 0xff;
  } else {
    bytes[at + 1] = LENGTH_64;
    bytes.writeUInt32BE(0, at + 2);
    bytes.writeUInt32BE(length, at + 6);
  }
}

function headerLength(length: number): number {
  if (length < LENGTH_16) return 2;
  return length < 0x10000 ? 4 : 10;
}
