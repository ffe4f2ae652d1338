import type { Mark, ReaderRecord, StoredRun, Violation } from './transcript';

const REPORTS_MAX = 5;
/** docs/testing.md: what a slow reader may cost. Written down here anew: the product's own number is not to be trusted. */
const HIGH_WATER_BYTES = 256 * 1024;

type Report = (promise: Violation['promise'], where: string, what: string) => void;

/** Promises 1, 3 and 4 as far as one reader can tell: it saw each stored line of its stream once, in order. */
export function checkReader(reader: ReaderRecord, runs: readonly StoredRun[]): Violation[] {
  const found: Violation[] = [];
  const report: Report = (promise, where, what) => {
    if (found.length < REPORTS_MAX) found.push({ promise, who: `reader ${reader.name}`, where, what });
  };
  for (const fault of reader.faults) report(3, 'its connections', fault);
  for (const { run, id, last } of reader.early) {
    report(1, `run ${runs[run]?.id}, line ${id}`, `was seen while the store's last line was ${last}`);
  }
  if (reader.unacknowledgedPeak > HIGH_WATER_BYTES) {
    report(4, 'its connection', `${reader.unacknowledgedPeak} bytes were sent without an acknowledgement`);
  }
  const walks = new Map<number, RunWalk>();
  for (const index of reader.runs) {
    const run = runs[index];
    if (run) walks.set(index, new RunWalk(run, reader.filter, report));
  }
  const marks = new MarkWalk(reader.marks, (mark) => applyReset(mark, walks, report));
  for (let at = 0; at < reader.lines.length; at++) {
    marks.moveTo(at);
    const run = reader.lines.run.at(at);
    const id = reader.lines.id.at(at);
    const walk = walks.get(run);
    if (walk) walk.see(id, reader.lines.digest.at(at), marks);
    else report(3, `run ${runs[run]?.id ?? run}, line ${id}`, 'is of a run that the reader did not ask for');
  }
  marks.moveTo(reader.lines.length);
  for (const walk of walks.values()) walk.finish(marks);
  return found;
}

/** A reset is no gap where lines were really taken away: it goes on at the first one left. */
function applyReset(mark: Mark, walks: ReadonlyMap<number, RunWalk>, report: Report): void {
  if (mark.kind !== 'reset') return;
  const [walk] = walks.size === 1 ? walks.values() : [];
  if (walk?.skipTo(mark.reason, mark.first)) return;
  report(3, 'its connections', `a reset (${mark.reason}) although nothing was taken away`);
}

/** Follows the marks beside the lines: which connection it is, and whether the reader was slow on it. */
class MarkWalk {
  readonly #marks: readonly Mark[];
  readonly #onMark: (mark: Mark) => void;
  #next = 0;
  connections = 0;
  isSlow = false;
  #at = 0;
  #connectedAt = 0;
  #after: string | undefined;

  constructor(marks: readonly Mark[], onMark: (mark: Mark) => void) {
    this.#marks = marks;
    this.#onMark = onMark;
  }

  /** Where on which connection the reader is. */
  get where(): string {
    return `${this.#at - this.#connectedAt} lines after connection ${this.connections} began at ${this.#after ?? 'the start'}`;
  }

  moveTo(at: number): void {
    this.#at = at;
    for (let mark = this.#marks[this.#next]; mark && mark.at <= at; mark = this.#marks[++this.#next]) {
      if (mark.kind === 'connect') {
        this.connections += 1;
        this.isSlow = false;
        this.#connectedAt = mark.at;
        this.#after = mark.after;
      }
      if (mark.kind === 'stall') this.isSlow = true;
      this.#onMark(mark);
    }
  }
}

/** One reader's way through the lines of one run. */
class RunWalk {
  readonly #run: StoredRun;
  readonly #filter: number;
  readonly #report: Report;
  /** Place of the next line to come among the stored ones. */
  #place = 0;
  #isAstray = false;

  constructor(run: StoredRun, filter: number, report: Report) {
    this.#run = run;
    this.#filter = filter;
    this.#report = report;
    this.#passFiltered();
  }

  see(id: number, digest: number, marks: MarkWalk): void {
    const { lines } = this.#run;
    const on = marks.where;
    const place = this.#placeOf(id);
    if (place === undefined || lines.digest.at(place) !== digest) {
      this.#isAstray = true;
      this.#report(1, this.#where(id), `was shown ${on}, and the store does not have it so`);
      return;
    }
    if (place < this.#place) {
      this.#reportOrder(3, id, `came again or late ${on}`);
      return;
    }
    if (!this.#isAdmitted(place)) {
      this.#reportOrder(3, id, `does not match the reader's filter and came ${on}`);
      return;
    }
    if (place > this.#place) {
      this.#reportOrder(marks.isSlow ? 4 : 3, lines.id.at(this.#place), `and on to ${id - 1} did not come ${on}`);
    }
    this.#place = place + 1;
    this.#passFiltered();
  }

  finish(marks: MarkWalk): void {
    const { lines } = this.#run;
    if (this.#place >= lines.id.length) return;
    const missed = lines.id.at(this.#place);
    this.#reportOrder(marks.isSlow ? 4 : 3, missed, 'and what follows did not come to the end');
  }

  /** True for a reset that retention explains. */
  skipTo(reason: string, first: number | undefined): boolean {
    if (reason !== 'truncated' || first === undefined || first !== this.#run.firstLine) return false;
    this.#place = 0;
    this.#passFiltered();
    return true;
  }

  /** Who was shown a line that was never stored stands at a number that another line took: order proves nothing from there on. */
  #reportOrder(promise: 3 | 4, id: number, what: string): void {
    if (!this.#isAstray) this.#report(promise, this.#where(id), what);
  }

  #passFiltered(): void {
    while (this.#place < this.#run.lines.id.length && !this.#isAdmitted(this.#place)) this.#place += 1;
  }

  #isAdmitted(place: number): boolean {
    return this.#filter === 0 || (this.#run.lines.admitted.at(place) & this.#filter) !== 0;
  }

  /** Numbers rise, so a line is found by halving. */
  #placeOf(id: number): number | undefined {
    const ids = this.#run.lines.id;
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids.at(middle) < id) low = middle + 1;
      else high = middle;
    }
    return low < ids.length && ids.at(low) === id ? low : undefined;
  }

  #where(id: number): string {
    return `run ${this.#run.id}, line ${id}`;
  }
}
