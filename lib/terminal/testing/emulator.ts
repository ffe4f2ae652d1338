import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';
import { type EmulatorWidths, unicodeProvider } from './emulator-widths';

/** A piece of a row: its text, and its look in words; the look of cells that nothing was printed in is `empty`. */
export type Piece = [text: string, look: string];

/** Wide enough that no line of a test reaches the edge, where a terminal would wrap it. */
const COLUMNS = 4000;
const ROWS = 50;
/** Below where programs draw a status bar (apt: row 30), above the last row, where a line feed would scroll. */
const ROW = 40;

/**
 * A real terminal emulator, xterm.js, that shows one line after the other in the same row: style and link of one line
 * are those that the next begins with.
 */
export class Emulator {
  readonly #terminal: Terminal;

  /** `widths`: xterm.js's own columns of characters, which are those of Unicode 6, or today's with whole graphemes. */
  constructor(widths: EmulatorWidths = 'built-in') {
    this.#terminal = new xterm.Terminal({
      cols: COLUMNS,
      rows: ROWS,
      scrollback: 0,
      allowProposedApi: true,
      logLevel: 'off',
    });
    if (widths === 'built-in') return;
    const provider = unicodeProvider();
    this.#terminal.unicode.register(provider);
    this.#terminal.unicode.activeVersion = provider.version;
  }

  /** What the row shows after each of the lines. */
  async showAll(lines: readonly string[]): Promise<Piece[][]> {
    const rows: Piece[][] = [];
    await Promise.all(
      lines.map(
        (line) =>
          new Promise<void>((resolve) => {
            // Called before anything of the next line is read.
            this.#terminal.write(`\x1b[${ROW};1H\x1b[2K${line}`, () => {
              rows.push(this.#readRow());
              resolve();
            });
          }),
      ),
    );
    return rows;
  }

  #readRow(): Piece[] {
    const buffer = this.#terminal.buffer.active;
    const row = buffer.getLine(buffer.baseY + ROW - 1);
    const pieces: Piece[] = [];
    let cell: IBufferCell | undefined;
    let isSecond = false;
    // No character has more than two columns.
    const end = Math.min(COLUMNS, 2 * (row?.translateToString(true).length ?? 0));
    for (let column = 0; column < end; column++) {
      cell = row?.getCell(column, cell);
      if (cell === undefined) break;
      const text = cell.getChars();
      const isHalf = cell.getWidth() === 0 && text === '';
      // Of a wide character; a half that an insertion has torn off is blank.
      if (isHalf && isSecond) continue;
      isSecond = cell.getWidth() === 2;
      appendPiece(pieces, text === '' ? ' ' : text, text === '' ? EMPTY : lookOf(cell));
    }
    return trimEmpty(pieces);
  }
}

export const EMPTY = 'empty';

/** Adds to the last piece where the look is the same. */
export function appendPiece(pieces: Piece[], text: string, look: string): void {
  const last = pieces.at(-1);
  if (last && last[1] === look) last[0] += text;
  else pieces.push([text, look]);
}

/** Without the empty cells at the row's end. */
export function trimEmpty(pieces: Piece[]): Piece[] {
  if (pieces.at(-1)?.[1] === EMPTY) pieces.pop();
  return pieces;
}

function lookOf(cell: IBufferCell): string {
  const words: string[] = [];
  if (cell.isBold()) words.push('bold');
  if (cell.isDim()) words.push('dim');
  if (cell.isItalic()) words.push('italic');
  if (cell.isUnderline()) words.push('underline');
  if (cell.isInverse()) words.push('inverse');
  if (cell.isStrikethrough()) words.push('strike');
  if (!cell.isFgDefault()) words.push(`fg ${colorWords(cell.getFgColor(), cell.isFgRGB())}`);
  if (!cell.isBgDefault()) words.push(`bg ${colorWords(cell.getBgColor(), cell.isBgRGB())}`);
  return words.join(', ');
}

function colorWords(color: number, isRgb: boolean): string {
  return isRgb ? `#${color.toString(16).padStart(6, '0')}` : String(color);
}
