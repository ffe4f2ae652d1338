import { z } from 'zod';

/**
 * The records of a producer's log, one per line: a line in its ingest form, which begins with `{`, or after a `!` a
 * request that must happen between the lines before and after it.
 */
export const operationSchema = z.object({
  method: z.enum(['POST', 'PATCH']),
  /** Below the API's base, such as `/job-runs`. */
  path: z.string().startsWith('/'),
  body: z.record(z.string(), z.json()),
});
/** A request that makes, changes or finishes a run or task. Repeating one changes nothing. */
export type Operation = z.infer<typeof operationSchema>;

const LF = 0x0a;
const OPERATION_MARK = '!'.charCodeAt(0);
const NEXT_OPERATION = Buffer.from('\n!');

export function encodeOperation(operation: Operation): Buffer {
  return Buffer.from(`!${JSON.stringify(operation)}\n`);
}

/** What a log holds at some place: consecutive lines as an ingest body, one operation, or a record that is neither. */
export type Records =
  | { kind: 'lines'; bytes: Buffer; count: number }
  | { kind: 'operation'; bytes: Buffer; operation: Operation }
  | { kind: 'damaged'; bytes: Buffer };

/** The first records of a block of bytes; undefined where the block holds not one whole record. */
export function firstRecords(block: Buffer): Records | undefined {
  if (block[0] === OPERATION_MARK) {
    const end = block.indexOf(LF) + 1;
    return end === 0 ? undefined : decodeOperation(block.subarray(0, end));
  }
  const operation = block.indexOf(NEXT_OPERATION);
  const end = (operation === -1 ? block.lastIndexOf(LF) : operation) + 1;
  if (end === 0) return undefined;
  const bytes = block.subarray(0, end);
  return { kind: 'lines', bytes, count: countLines(bytes) };
}

/** How many line feeds the bytes hold. */
function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

/** The length of the first `lines` lines in bytes. */
export function lengthOfLines(bytes: Buffer, lines: number): number {
  let end = 0;
  for (let left = lines; left > 0; left -= 1) {
    const at = bytes.indexOf(LF, end);
    if (at === -1) return bytes.length;
    end = at + 1;
  }
  return end;
}

function decodeOperation(bytes: Buffer): Records {
  try {
    const operation = operationSchema.parse(JSON.parse(bytes.toString('utf8', 1)));
    return { kind: 'operation', bytes, operation };
  } catch {
    return { kind: 'damaged', bytes };
  }
}
