import type { LineFormat } from '@/lib/feed/line-encoder';
import { ByteScratch } from '@/lib/transport/byte-scratch';
import { cursorAfterLine, type StreamScope } from '@/lib/transport/line-cursor';

/** First byte of an unfragmented text frame (RFC 6455 §5.2): FIN and opcode 1. */
const TEXT_FRAME = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Lines as whole text frames, one LogMessage each, one behind the other. */
export function frameFormat(epoch: string, scope: StreamScope): LineFormat<Buffer> {
  const scratch = new ByteScratch();
  return {
    encode({ batch, from, to, entry }) {
      const offsets = new Uint32Array(to - from + 1);
      for (let index = from; index < to; index++) {
        const cursor =
          scope === 'run' ? undefined : cursorAfterLine(epoch, batch.runKey, batch.firstLine + index, entry);
        writeFrame(scratch, batch.toJson(index, cursor));
        offsets[index - from + 1] = scratch.length;
      }
      return { data: scratch.take(), offsets };
    },
    slice: (data, start, end) => data.subarray(start, end),
  };
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
  const { bytes } = scratch;
  bytes[start] = TEXT_FRAME;
  if (length < LENGTH_16) bytes[start + 1] = length;
  else if (length < 0x10000) {
    bytes[start + 1] = LENGTH_16;
    bytes.writeUInt16BE(length, start + 2);
  } else {
    bytes[start + 1] = LENGTH_64;
    bytes.writeUInt32BE(0, start + 2);
    bytes.writeUInt32BE(length, start + 6);
  }
}

function headerLength(length: number): number {
  if (length < LENGTH_16) return 2;
  return length < 0x10000 ? 4 : 10;
}
