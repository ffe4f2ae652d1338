import { StratalError } from '@/lib/errors/stratal-error';
import { type BodyLines, bodyCut, type HoldBytes, holdAny, PendingBytes, piecesOf } from './body-lines';
import { decodeUtf8 } from './decode-text';

/** What a body of JSON is: one array, or values one after another (a single object is one value). */
export type ValuesKind = 'array' | 'sequence';

/**
 * The elements of a JSON array, or the values of a sequence, as texts; a batch per chunk. The bytes are only cut, at
 * brackets and strings: whether a text is JSON is found when it is parsed. Bounds and errors as in `readLines`;
 * STRATAL_BAD_BODY for what is between or behind the values and does not belong there.
 */
export async function* readValues(
  chunks: AsyncIterable<Buffer>,
  kind: ValuesKind,
  hold: HoldBytes = holdAny,
): AsyncGenerator<BodyLines> {
  const cutter = new ValueCutter(kind, hold);
  for await (const piece of piecesOf(chunks)) {
    const values: Buffer[] = [];
    let failure: unknown;
    try {
      cutter.cut(piece, values);
    } catch (error) {
      failure = error;
    }
    if (values.length > 0) yield decodeValues(values);
    if (failure !== undefined) throw failure;
  }
  const last = cutter.end();
  if (last) yield decodeValues([last]);
}

function decodeValues(values: readonly Buffer[]): BodyLines {
  const lines = values.map(decodeUtf8);
  return { texts: lines.map(({ text }) => text), replaced: lines.map(({ replaced }) => replaced) };
}

/**
 * start → (the array's bracket) → first → value … → after → (a comma) → before → value … → after → done. A sequence knows `before`
 * and the value's three states alone.
 */
type CutterState = 'start' | 'first' | 'before' | 'nested' | 'string' | 'escape' | 'scalar' | 'after' | 'done';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Cuts a stream of bytes into JSON values. */
class ValueCutter {
  readonly #isArray: boolean;
  readonly #pending: PendingBytes;
  #state: CutterState;
  #depth = 0;

  constructor(kind: ValuesKind, hold: HoldBytes) {
    this.#pending = new PendingBytes(hold);
    this.#isArray = kind === 'array';
    this.#state = this.#isArray ? 'start' : 'before';
  }

  /** Adds the values that end in this piece. Throws where the array's syntax is wrong. */
  cut(piece: Buffer, values: Buffer[]): void {
    let state = this.#state;
    let depth = this.#depth;
    let start = 0;
    for (let index = 0; index < piece.length; index++) {
      const byte = piece[index];
      if (byte === undefined) break;
      switch (state) {
        case 'string':
          if (byte === BACKSLASH) state = 'escape';
          else if (byte === QUOTE) {
            if (depth > 0) state = 'nested';
            else {
              values.push(this.#pending.takeWith(piece.subarray(start, index + 1)));
              state = this.#isArray ? 'after' : 'before';
            }
          }
          break;
        case 'escape':
          state = 'string';
          break;
        case 'nested':
          if (byte === QUOTE) state = 'string';
          else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
          else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --depth === 0) {
            values.push(this.#pending.takeWith(piece.subarray(start, index + 1)));
            state = this.#isArray ? 'after' : 'before';
          }
          break;
        case 'scalar':
          if (isSpace(byte) || isPunctuation(byte)) {
            values.push(this.#pending.takeWith(piece.subarray(start, index)));
            state = this.#isArray ? 'after' : 'before';
            index--;
          }
          break;
        default:
          if (isSpace(byte)) break;
          state = this.#between(state, byte);
          if (state === 'nested') depth = 1;
          start = index;
      }
    }
    this.#state = state;
    this.#depth = depth;
    if (isInside(state)) this.#pending.add(piece.subarray(start));
  }

  /** The last value of a sequence, where only the end of the body tells that it is whole. */
  end(): Buffer | undefined {
    if (this.#state === 'scalar' && !this.#isArray) return this.#pending.take();
    if (this.#state !== 'done' && (this.#isArray || this.#state !== 'before')) throw bodyCut();
    return undefined;
  }

  /** The state after a byte that is not white space and in no value. */
  #between(state: CutterState, byte: number): CutterState {
    if (state === 'start' && byte === OPEN_LIST) return 'first';
    if ((state === 'first' || state === 'after') && byte === CLOSE_LIST) return 'done';
    if (state === 'after' && byte === COMMA) return 'before';
    const isValueNext = state === 'first' || state === 'before';
    if (!isValueNext || (this.#isArray && (byte === COMMA || byte === CLOSE_LIST))) throw badArray(state, byte);
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) return 'nested';
    return byte === QUOTE ? 'string' : 'scalar';
  }
}

function isInside(state: CutterState): boolean {
  return state === 'nested' || state === 'string' || state === 'escape' || state === 'scalar';
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

function isPunctuation(byte: number): boolean {
  return (
    byte === COMMA ||
    byte === QUOTE ||
    byte === OPEN_LIST ||
    byte === CLOSE_LIST ||
    byte === OPEN_OBJECT ||
    byte === CLOSE_OBJECT
  );
}

function badArray(state: CutterState, byte: number): StratalError {
  const found = JSON.stringify(String.fromCharCode(byte));
  const where = state === 'done' ? 'after the end of the array' : 'between its elements';
  return new StratalError('STRATAL_BAD_BODY', `The body is not a valid JSON array: it has ${found} ${where}.`);
}
