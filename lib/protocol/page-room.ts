import { PAGE_CHARS_MAX } from './limits';

/** A line as it lies in a batch. */
interface PlacedLine {
  batch: { message(index: number): string; attributesJson(index: number): string | undefined };
  index: number;
  /** What `charsOf` has measured. */
  chars?: number;
}

/** The lines of a page in the order in which they are added, while there is room for them: the first one has it always. */
export class PageRoom<Line extends PlacedLine> {
  readonly lines: Line[] = [];
  readonly #limit: number;
  #chars = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** It has as many lines as were asked for. */
  get isFull(): boolean {
    return this.lines.length >= this.#limit;
  }

  /** False where the line has no room. */
  add(line: Line): boolean {
    const chars = charsOf(line);
    if (this.isFull || (this.lines.length > 0 && this.#chars + chars > PAGE_CHARS_MAX)) return false;
    this.lines.push(line);
    this.#chars += chars;
    return true;
  }
}

/** The newest of the lines that are added, ascending, for which a page has room. */
export class NewestLines<Line extends PlacedLine> {
  readonly lines: Line[] = [];
  readonly isFull = false;
  readonly #limit: number;
  #chars = 0;
  #dropped: Line | undefined;
  #droppedCount = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The newest line for which there was no room. */
  get dropped(): Line | undefined {
    return this.#dropped;
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  add(line: Line): boolean {
    this.lines.push(line);
    this.#chars += charsOf(line);
    while (this.lines.length > this.#limit || (this.lines.length > 1 && this.#chars > PAGE_CHARS_MAX)) {
      const oldest = this.lines.shift();
      if (!oldest) break;
      this.#chars -= charsOf(oldest);
      this.#dropped = oldest;
      this.#droppedCount += 1;
    }
    return true;
  }
}

/** What a line takes of PAGE_CHARS_MAX. Measured once: with traces the lines of a page are asked again for each match. */
export function charsOf(line: PlacedLine): number {
  const { batch, index } = line;
  line.chars ??= batch.message(index).length + (batch.attributesJson(index)?.length ?? 0);
  return line.chars;
}
