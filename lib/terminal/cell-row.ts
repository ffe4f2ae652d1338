import { forEachGrapheme } from './char-width';
import type { Pen, SpanList } from './span-list';
import { PLAIN_STYLE } from './style';

const BLANK: Pen = { style: PLAIN_STYLE };
const TAB_COLUMNS = 8;
/**
 * How far right moves reach; printing goes on without end. A real screen ends earlier, and without a bound a few bytes
 * of a hostile line would cost a million columns.
 */
const MOVE_COLUMN_MAX = 1023;
/** Blank cells of all rows of one message: some bytes of a hostile one would else cost a thousand columns in each of its rows. */
const PADDING_MAX = 65_536;
/** Cells are shifted in a row that a screen could hold; in one without end each shift would cost the whole of it. */
const SHIFTED_CELLS_MAX = 1024;

/**
 * One row of a screen without a right edge: cells that can be overwritten. A character of two columns is a cell and an
 * empty one after it; when one half is overwritten the other becomes blank, as on a terminal.
 */
export class CellRow {
  readonly #texts: string[] = [];
  readonly #pens: Pen[] = [];
  readonly #starts: number[] = [];
  /** Cells left of it are blank: keeps repeated erasing linear. */
  #firstInk = 0;
  #column = 0;
  #saved: { column: number; pen: Pen } | undefined;
  #isAway = false;
  /** Blank cells that moves have left so far, in all rows. */
  #padding = 0;

  /** Prints at the cursor; `start` is the text's offset in the stripped line. */
  print(text: string, pen: Pen, start: number): void {
    if (this.#isAway) return;
    let at = start;
    forEachGrapheme(text, (grapheme, columns) => {
      if (columns > 0 || !this.#joinPrevious(grapheme, at)) this.#put(grapheme, Math.max(columns, 1), pen, at);
      at += grapheme.length;
    });
  }

  carriageReturn(): void {
    this.#column = 0;
  }

  /** Over `stops` tab stops, backwards when negative. */
  moveByTabs(stops: number): void {
    const isAtStop = this.#column % TAB_COLUMNS === 0;
    const passed = Math.floor(this.#column / TAB_COLUMNS) + (stops < 0 && !isAtStop ? 1 : 0);
    this.moveTo((passed + stops) * TAB_COLUMNS);
  }

  moveBy(columns: number): void {
    this.moveTo(this.#column + columns);
  }

  moveTo(column: number): void {
    const reach = Math.max(this.#column, MOVE_COLUMN_MAX);
    this.#column = Math.max(0, Math.min(column, reach));
  }

  saveCursor(pen: Pen): void {
    this.#saved = { column: this.#column, pen };
  }

  /** Goes back to where the cursor was saved; returns the pen of then. */
  restoreCursor(pen: Pen): Pen {
    this.#isAway = false;
    if (!this.#saved) return pen;
    this.moveTo(this.#saved.column);
    // xterm.js saves that there was a link, and not which: it is the one of now, where there was one both times.
    const { style, href } = this.#saved.pen;
    return pen.href === undefined || href === undefined ? { style } : { style, href: pen.href };
  }

  /** The cursor is in another row until it is restored: apt's progress bar is drawn so, and is no part of this row. */
  leave(): void {
    this.#isAway = this.#saved !== undefined;
  }

  /** Erases the cell under the cursor and all to its right. */
  eraseRight(): void {
    if (this.#isAway) return;
    this.#splitAt(this.#column);
    if (this.#column < this.#texts.length) this.#truncate(this.#column);
  }

  /** Erases from the start of the row up to and with the cell under the cursor. */
  eraseLeft(): void {
    if (this.#isAway) return;
    const end = Math.min(this.#column + 1, this.#texts.length);
    this.#splitAt(end);
    for (let at = this.#firstInk; at < end; at++) this.#blank(at);
    this.#firstInk = Math.max(this.#firstInk, end);
  }

  eraseAll(): void {
    this.eraseRight();
    this.eraseLeft();
  }

  /** Erases `columns` cells from the cursor on and moves nothing. */
  eraseCells(columns: number): void {
    if (this.#isAway) return;
    const end = Math.min(this.#column + columns, this.#column + MOVE_COLUMN_MAX, this.#texts.length);
    this.#splitAt(this.#column);
    this.#splitAt(end);
    for (let at = this.#column; at < end; at++) this.#blank(at);
  }

  /** Takes `columns` cells away at the cursor; what stands to their right moves up. */
  deleteCells(columns: number): void {
    if (this.#isAway || this.#texts.length > SHIFTED_CELLS_MAX) return;
    this.#splitAt(this.#column);
    this.#splitAt(this.#column + columns);
    for (const cells of [this.#texts, this.#pens, this.#starts]) cells.splice(this.#column, columns);
    this.#firstInk = Math.min(this.#firstInk, this.#column);
  }

  /** Puts `columns` blank cells before the one under the cursor, which moves right with what follows it. */
  insertCells(columns: number): void {
    const isLong = this.#texts.length > SHIFTED_CELLS_MAX;
    if (this.#isAway || isLong || this.#column >= this.#texts.length) return;
    this.#splitAt(this.#column);
    const count = Math.min(columns, MOVE_COLUMN_MAX);
    this.#texts.splice(this.#column, 0, ...new Array<string>(count).fill(' '));
    this.#pens.splice(this.#column, 0, ...new Array<Pen>(count).fill(BLANK));
    this.#starts.splice(this.#column, 0, ...new Array<number>(count).fill(-1));
  }

  /** Appends what the row shows, without blank columns at its end, and starts anew. */
  flush(spans: SpanList): void {
    let end = this.#texts.length;
    while (end > 0 && (this.#starts[end - 1] ?? -1) < 0) end--;
    for (let at = 0; at < end; at++) {
      const text = this.#texts[at];
      if (text) spans.append(text, this.#pens[at] ?? BLANK, this.#starts[at] ?? -1);
    }
    this.#truncate(0);
    this.#column = 0;
    this.#saved = undefined;
    this.#isAway = false;
  }

  #put(grapheme: string, columns: number, pen: Pen, start: number): void {
    const missing = Math.max(0, this.#column - this.#texts.length);
    if (this.#padding + missing > PADDING_MAX) this.#column = this.#texts.length;
    else this.#padding += missing;
    const column = this.#column;
    while (this.#texts.length < column) this.#blank(this.#texts.length);
    this.#splitAt(column);
    this.#splitAt(column + columns);
    this.#set(column, grapheme, pen, start);
    if (columns === 2) this.#set(column + 1, '', pen, start);
    this.#firstInk = Math.min(this.#firstInk, column);
    this.#column = column + columns;
  }

  /** A combining mark that follows its base in the source, after a colour change perhaps, belongs to its cell. */
  #joinPrevious(mark: string, start: number): boolean {
    let at = this.#column - 1;
    if (this.#texts[at] === '') at--;
    const base = this.#texts[at];
    const baseStart = this.#starts[at] ?? -1;
    if (base === undefined || baseStart < 0 || baseStart + base.length !== start) return false;
    this.#texts[at] = base + mark;
    return true;
  }

  /** When a two-column character lies across the edge before `column`, both its halves become blank. */
  #splitAt(column: number): void {
    if (column > 0 && this.#texts[column] === '') {
      this.#blank(column - 1);
      this.#blank(column);
    }
  }

  #blank(column: number): void {
    this.#set(column, ' ', BLANK, -1);
  }

  #set(column: number, text: string, pen: Pen, start: number): void {
    this.#texts[column] = text;
    this.#pens[column] = pen;
    this.#starts[column] = start;
  }

  #truncate(length: number): void {
    this.#texts.length = length;
    this.#pens.length = length;
    this.#starts.length = length;
    this.#firstInk = Math.min(this.#firstInk, length);
  }
}
