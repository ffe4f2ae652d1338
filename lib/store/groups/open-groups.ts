import { LEVELS, type Level } from '@/lib/protocol/log-message';
import type { StoredFacet } from '@/lib/store/chunk-codec';
import { decodeMarks } from '@/lib/store/group-marks';
import { type GroupMark, GroupStack } from '@/lib/terminal/group-stack';
import { countLines, noLines, type Tally } from '@/lib/terminal/group-tally';

/** A chunk with markers. */
export interface MarkedLines {
  firstLine: number;
  facets: readonly StoredFacet[];
  marks: Buffer;
}

/** A group that is open at the line asked for. Markers are counted too, because facets count them as lines. */
export interface OpenGroup {
  /** Key of the task, or 0. */
  task: number;
  /** The line of its marker. */
  line: number;
  marker: GroupMark;
  end: number | undefined;
  /** Markers of the task up to its own, up to the line asked for, and up to its end. */
  marksThrough: Tally;
  marksBefore: Tally;
  marksInAll: Tally | undefined;
}

/** So many bytes of names cost as much as pairing a marker that has none. */
const BYTES_PER_WORK = 64;

/** What one facet costs beside a marker. */
const FACET_WORK = 4;

interface TaskGroups {
  stack: GroupStack<OpenGroup>;
  /** Its markers so far. */
  marks: Tally;
}

/**
 * Goes through a run's markers in order and tells which groups are open at a line, and where those end. Markers after
 * that line are gone through only until all of them have ended.
 */
export class OpenGroups {
  readonly #at: number;
  readonly #through: number;
  readonly #tasks = new Map<number, TaskGroups>();
  /** Those open at the line; undefined until it is reached. */
  #found: OpenGroup[] | undefined;
  #unended = 0;
  #work = 0;

  /** `through`: later markers are left out. */
  constructor(at: number, through: number) {
    this.#at = at;
    this.#through = through;
  }

  /** What was gone through: one for each marker, for each further section that its line ends, and for so many bytes; facets. */
  get work(): number {
    return this.#work;
  }

  /** Nothing further can change the answer. */
  get isSettled(): boolean {
    return this.#found !== undefined && this.#unended === 0;
  }

  /** Takes the next chunk's markers, those from line `from` on. */
  add({ firstLine, facets, marks }: MarkedLines, from = firstLine): void {
    this.#work += marks.length / BYTES_PER_WORK + facets.length * FACET_WORK;
    for (const { offset, facet, marker } of decodeMarks(marks)) {
      const line = firstLine + offset;
      if (line < from || line > this.#through) continue;
      this.#work += 1 + (marker.closes?.length ?? 0);
      if (line >= this.#at) this.#reach();
      if (this.isSettled) return;
      const [task, , level] = facets[facet] ?? [0, 0, 0];
      this.#step(line, task, LEVELS[level] ?? 'info', marker);
    }
  }

  /** Those that are open at the line, by rising marker, after the last chunk was taken. */
  finish(): OpenGroup[] {
    return this.#reach();
  }

  /** All markers of the task so far: of a group without an end, all there are. */
  marksOf(task: number): Tally {
    return this.#tasks.get(task)?.marks ?? noLines();
  }

  #step(line: number, task: number, level: Level, marker: GroupMark): void {
    let groups = this.#tasks.get(task);
    if (!groups) {
      groups = { stack: new GroupStack(), marks: noLines() };
      this.#tasks.set(task, groups);
    }
    const { stack, marks } = groups;
    if (stack.isLine(marker)) return;
    stack.end(marker, (group) => {
      group.end = line;
      if (this.#found === undefined) return;
      group.marksInAll = { ...marks };
      if (group.line < this.#at) this.#unended -= 1;
    });
    countLines(marks, level, 1);
    if (marker.kind === 'end') return;
    const through = { ...marks };
    const counts = { marksThrough: through, marksBefore: through, marksInAll: undefined };
    stack.push({ task, line, marker, end: undefined, ...counts });
  }

  #reach(): OpenGroup[] {
    if (this.#found) return this.#found;
    const found: OpenGroup[] = [];
    for (const { stack, marks } of this.#tasks.values()) {
      for (const group of stack.open) {
        group.marksBefore = { ...marks };
        found.push(group);
      }
    }
    this.#found = found.sort((one, other) => one.line - other.line);
    this.#unended = found.length;
    return this.#found;
  }
}
