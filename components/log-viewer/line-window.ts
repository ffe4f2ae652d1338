/** What the window holds of a line beyond its own fields. */
export interface WindowLine {
  /** Rises from line to line; with a filter there are gaps. */
  id: number;
  message: string;
}

export interface WindowLimits {
  /** Lines held at once. */
  linesMax: number;
  /** UTF-16 units of text held at once; at least one page is held whatever its size. */
  charsMax: number;
  /** Lines of a page at most: what is read is in the middle, and must not make room for it. */
  pageLinesMax: number;
  /** Newest lines kept aside, so that a reader far up is back at the newest at once. */
  tailLinesMax: number;
}

/** With fewer, what is in sight of a high window would be near both ends at once. */
const LINES_MIN = 400;

/**
 * Limits for a reader with `asked` lines around what is in sight, at least LINES_MIN: three times as many are held, so that
 * scrolling either way meets lines that are there. The default is about 10 MB of a tab's memory with lines of usual length.
 */
export function windowLimits(asked = 1000): WindowLimits {
  const lines = Math.max(LINES_MIN, asked);
  return {
    linesMax: 3 * lines,
    charsMax: Math.max(1_000_000, 4_000 * lines),
    pageLinesMax: Math.floor(lines),
    tailLinesMax: lines,
  };
}

export interface WindowSnapshot<Line> {
  /** Consecutive lines, oldest first. */
  lines: readonly Line[];
  /** Lines up to this number are not held; 0 where the window begins at the run's first line. */
  after: number;
  /** Every line from `after` + 1 to this number is held. */
  through: number;
  /** The window ends with the newest line that was received. */
  atNewest: boolean;
  /** A page more would take lines off the other end. */
  isFull: boolean;
  /** Lines received since the reader stopped following. */
  unseen: number;
}

/**
 * Which lines of a run a viewer holds: one run of consecutive lines, bounded, wherever the reader looks.
 *
 *   run     1 ──────────────────────────────────────────────── newest
 *   window            after ├────────────────┤ through
 *   tail                                           ├─────────┤
 *
 * While the reader follows, the window ends at the newest line and loses its oldest ones. While the reader is elsewhere,
 * what the reader looks at is never dropped: a full window stops taking new lines (they go on in the tail, and are read
 * again page by page), and pages that are added at one end take lines off the other. Pure: no clock, no I/O.
 */
export class LineWindow<Line extends WindowLine> {
  readonly #limits: WindowLimits;
  #lines: Line[] = [];
  /** What the last snapshot gave of them, while it is true: whoever derives from it need not do so again. */
  #shared: readonly Line[] | undefined;
  #chars = 0;
  #after = 0;
  #through = 0;
  #tail: Line[] = [];
  /** The tail holds every line received after this number. */
  #tailAfter = 0;
  #tailChars = 0;
  /** The last line of the stream; a page can be ahead of it. */
  #received = 0;
  #atNewest = true;
  #following = true;
  #unseen = 0;

  constructor(limits: WindowLimits = windowLimits()) {
    this.#limits = limits;
  }

  get after(): number {
    return this.#after;
  }

  get through(): number {
    return this.#through;
  }

  /** The newest line that is known of. */
  get newest(): number {
    return Math.max(this.#received, this.#through);
  }

  /** UTF-16 units of a line that is held, on average; 0 where none is. */
  get averageChars(): number {
    return this.#lines.length === 0 ? 0 : this.#chars / this.#lines.length;
  }

  get atNewest(): boolean {
    return this.#atNewest;
  }

  /** The newest lines are at hand: in the window, or in the tail. */
  get hasNewest(): boolean {
    return this.#atNewest || this.#tail.length > 0;
  }

  /** True where a line with this number would be in the window, if the run has it. */
  covers(id: number): boolean {
    return id > this.#after && id <= this.#through;
  }

  snapshot(): WindowSnapshot<Line> {
    this.#shared ??= this.#lines.slice();
    return {
      lines: this.#shared,
      after: this.#after,
      through: this.#through,
      atNewest: this.#atNewest,
      isFull: this.#lines.length > (2 / 3) * this.#limits.linesMax || this.#chars > (2 / 3) * this.#limits.charsMax,
      unseen: this.#unseen,
    };
  }

  /** Forgets all lines; the stream goes on after line `after`. */
  reset(after: number): void {
    this.#lines = [];
    this.#shared = undefined;
    this.#chars = 0;
    this.#tail = [];
    this.#tailChars = 0;
    this.#after = after;
    this.#through = after;
    this.#tailAfter = after;
    this.#received = after;
    this.#atNewest = true;
    this.#unseen = 0;
  }

  /** The reader follows the newest line, or looks at lines that must stay. */
  setFollowing(following: boolean): void {
    if (following === this.#following) return;
    this.#following = following;
    this.#unseen = 0;
    if (following && this.#atNewest) this.#dropOldest();
  }

  /** Lines of the stream, in order. Those that were received before are skipped. */
  receive(received: readonly Line[]): void {
    const lines = received.filter((line) => line.id > this.#received);
    const last = lines.at(-1);
    if (!last) return;
    this.#received = last.id;
    this.#keepTail(lines);
    const fresh = lines.filter((line) => line.id > this.#lastHeld);
    if (fresh.length === 0) return;
    if (!this.#following) this.#unseen += fresh.length;
    if (!this.#atNewest) return;
    if (!this.#following && this.#isFull()) {
      this.#atNewest = false;
      return;
    }
    this.#push(fresh);
    this.#through = last.id;
    if (this.#following) this.#dropOldest();
  }

  /** Older lines, which end where the window begins; `after` is the number before the page's first line. Never takes newest lines off a reader who follows. */
  addOlder(page: readonly Line[], after: number): void {
    if (after >= this.#after) return;
    const all = page.filter((line) => line.id <= this.#after);
    const lines = all.slice(-countThatFit(all.toReversed(), this.#pageCharsMax));
    const left = all.at(-lines.length - 1);
    this.#lines.unshift(...lines);
    this.#shared = undefined;
    this.#chars += charsOf(lines);
    this.#after = left?.id ?? after;
    // Who follows looks at the newest lines, and takes of the page what there is room for.
    if (this.#following && this.#atNewest) this.#dropOldest();
    else if (this.#dropNewest()) this.#atNewest = false;
  }

  /** Newer lines, which begin where the window ends; `through` is the number up to which the page is complete. */
  addNewer(page: readonly Line[], through: number): void {
    if (this.#atNewest || through < this.#through) return;
    const all = page.filter((line) => line.id > this.#through);
    const lines = all.slice(0, countThatFit(all, this.#pageCharsMax));
    this.#push(lines);
    this.#through = lines.length < all.length ? (lines.at(-1)?.id ?? through) : through;
    this.#joinTail();
    this.#dropOldest();
  }

  /** Replaces the window by a page elsewhere. */
  show(page: readonly Line[], after: number, through: number): void {
    this.#lines = page.slice();
    this.#shared = undefined;
    this.#chars = charsOf(page);
    this.#after = after;
    this.#through = through;
    this.#atNewest = false;
    this.#joinTail();
  }

  /** Replaces the window by the newest lines. */
  showNewest(): void {
    if (!this.#atNewest) this.show(this.#tail, this.#tailAfter, this.#received);
    this.#unseen = 0;
  }

  /** A match can bring up lines before it that a page, complete as far as it was looked through, had left out. */
  get #lastHeld(): number {
    return this.#lines.at(-1)?.id ?? this.#after;
  }

  /** The run lost its lines up to this number to retention. */
  dropThrough(id: number): void {
    const kept = this.#lines.findIndex((line) => line.id > id);
    const dropped = this.#lines.splice(0, kept === -1 ? this.#lines.length : kept);
    this.#shared = undefined;
    this.#chars -= charsOf(dropped);
    this.#after = Math.max(this.#after, id);
    this.#through = Math.max(this.#through, id);
  }

  /** Of a page at one end: what the reader looks at is in the middle, and must not be what makes room for it. */
  get #pageCharsMax(): number {
    return this.#limits.charsMax / 3;
  }

  #push(lines: readonly Line[]): void {
    if (lines.length > 0) this.#shared = undefined;
    for (const line of lines) this.#lines.push(line);
    this.#chars += charsOf(lines);
  }

  #isFull(): boolean {
    return this.#lines.length >= this.#limits.linesMax || this.#chars >= this.#limits.charsMax;
  }

  #keepTail(lines: readonly Line[]): void {
    for (const line of lines) this.#tail.push(line);
    this.#tailChars += charsOf(lines);
    let count = 0;
    const { tailLinesMax, charsMax } = this.#limits;
    while (count < this.#tail.length && (this.#tail.length - count > tailLinesMax || this.#tailChars > charsMax / 4)) {
      this.#tailChars -= this.#tail[count]?.message.length ?? 0;
      count += 1;
    }
    this.#tailAfter = this.#tail.splice(0, count).at(-1)?.id ?? this.#tailAfter;
  }

  /** The window ends where the tail begins or later: from here on they are one. */
  #joinTail(): void {
    if (this.#through < this.#tailAfter) return;
    this.#push(this.#tail.filter((line) => line.id > this.#lastHeld));
    this.#through = this.newest;
    this.#atNewest = true;
  }

  #dropOldest(): void {
    let count = 0;
    let chars = this.#chars;
    const { linesMax, charsMax } = this.#limits;
    while (count < this.#lines.length - 1 && (this.#lines.length - count > linesMax || chars > charsMax)) {
      chars -= this.#lines[count]?.message.length ?? 0;
      count += 1;
    }
    if (count === 0) return;
    this.#after = this.#lines.splice(0, count).at(-1)?.id ?? this.#after;
    this.#shared = undefined;
    this.#chars = chars;
  }

  /** True where lines were dropped. */
  #dropNewest(): boolean {
    let length = this.#lines.length;
    let chars = this.#chars;
    const { linesMax, charsMax } = this.#limits;
    while (length > 1 && (length > linesMax || chars > charsMax)) {
      length -= 1;
      chars -= this.#lines[length]?.message.length ?? 0;
    }
    if (length === this.#lines.length) return false;
    this.#lines.length = length;
    this.#shared = undefined;
    this.#chars = chars;
    this.#through = this.#lines.at(-1)?.id ?? this.#through;
    return true;
  }
}

/** How many of the first lines have no more text than that together; one at least. */
function countThatFit(lines: readonly WindowLine[], charsMax: number): number {
  let chars = 0;
  for (const [index, line] of lines.entries()) {
    chars += line.message.length;
    if (chars > charsMax) return Math.max(1, index);
  }
  return lines.length;
}

function charsOf(lines: readonly WindowLine[]): number {
  let chars = 0;
  for (const line of lines) chars += line.message.length;
  return chars;
}
