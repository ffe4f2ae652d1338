import { isContinuation } from '@/lib/protocol/continuation';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';
import { countLines } from '@/lib/terminal/group-tally';
import type { Group } from './group';
import type { GroupPass } from './group-pass';
import { factsOf, lineRow, shapeOf } from './line-facts';
import { RecentTime } from './recent-time';
import { type AttemptRow, lowerBound, type Row, type RowList } from './row';
import type { RowInput } from './row-input';

/** A silence of at least this long is told. */
export const GAP_MS = 10_000;
/** Fewer repeats are shown as they are. */
const REPEATS_MIN = 3;

interface OpenState {
  isGroupOpen: (group: Group) => boolean;
  isAttemptOpen: (taskRun: string) => boolean;
  /** Lines whose repeats are shown. */
  openRepeats: ReadonlySet<number>;
  /** The line is shown even where lines of its kind are hidden. */
  isWanted: (line: LogMessage) => boolean;
}

/** Rows that may be repeats of one line; the last that were written. */
interface Repeats {
  /** The place of the first row, and of its line. */
  row: number;
  line: number;
  shape: string;
  head: LogMessage;
}

/** Writes the rows of one pass. */
export class RowWriter {
  readonly #input: RowInput;
  readonly #pass: GroupPass;
  readonly #state: OpenState;
  readonly #rows: Row[] = [];
  /** For each line its row, or the folded row that it is in. */
  readonly #rowOf: Int32Array;
  /** Where the header of a group is; of a group inside a folded one, the header of that. */
  readonly #headers = new Map<Group, number>();
  /** Groups whose lines are shown. */
  readonly #shown = new Set<Group>();
  #block: AttemptRow | undefined;
  #blockRow = 0;
  #repeats: Repeats | undefined;
  /** Times of the last lines. */
  readonly #clock = new RecentTime();
  /** Lines that have their rows. */
  #at = 0;
  #hasAttempts = false;

  constructor(input: RowInput, pass: GroupPass, state: OpenState) {
    this.#input = input;
    this.#rowOf = new Int32Array(input.lines.length);
    this.#pass = pass;
    this.#state = state;
  }

  write(): RowList {
    const { lines } = this.#input;
    const { groups } = this.#pass;
    const first = lines[0]?.id ?? 0;
    for (const group of groups) {
      if (group.id < first && !this.#isInFoldedAttempt(group)) this.#writeHeader(group, undefined);
    }
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index];
      this.#at = index;
      if (line) this.#writeLine(line, index);
    }
    this.#at = lines.length;
    this.#endRepeats(undefined);
    const rowOf = this.#rowOf;
    return {
      items: this.#rows,
      indexOf: (id) => {
        const index = lowerBound(lines, id);
        return index === -1 ? -1 : (rowOf[index] ?? -1);
      },
      hasGroups: groups.length > 0 || this.#hasAttempts,
      depthBehind: this.#depthBehind(),
    };
  }

  #depthBehind(): number {
    const last = this.#input.lines.length - 1;
    const owner = this.#pass.owners[last];
    let around = this.#pass.parts[last] === 'end' ? owner?.parent : owner;
    while (around && !this.#shown.has(around)) around = around.parent;
    return (around === undefined ? 0 : around.depth + 1) + (this.#block?.isOpen ? 1 : 0);
  }

  #isInFoldedAttempt({ line: { task_run_id: id } }: Group): boolean {
    return id !== undefined && this.#input.superseded.has(id) && !this.#state.isAttemptOpen(id);
  }

  #writeLine(line: LogMessage, index: number): void {
    const { superseded } = this.#input;
    const old = line.task_run_id === undefined ? undefined : superseded.get(line.task_run_id);
    if (old?.id !== this.#block?.id) this.#beginBlock(line, index, old);
    const block = this.#block;
    const owner = this.#pass.owners[index];
    const part = this.#pass.parts[index] ?? 'line';
    if (block) {
      countLines(block, line.level, 1);
      block.last = line;
      block.key = -line.id;
      if (index === this.#input.lines.length - 1 && !this.#input.atNewest) block.isPartial = true;
      if (!block.isOpen) {
        if (part === 'start' && owner) this.#headers.set(owner, this.#blockRow);
        this.#fold(line, index, this.#blockRow);
        return;
      }
    }
    if (part === 'start' && owner) {
      const gapMs = this.#gapBefore(line);
      if (!this.#writeHeader(owner, gapMs)) this.#fold(line, index, this.#headerOf(owner));
      else this.#rowOf[index] = this.#rows.length - 1;
      return;
    }
    if (owner && !this.#shown.has(owner)) {
      this.#fold(line, index, this.#headerOf(owner));
      return;
    }
    if (part === 'end' && !this.#state.isWanted(line)) {
      // The silence before it is told before the next row.
      this.#rowOf[index] = Math.max(0, this.#rows.length - 1);
      return;
    }
    const depth = owner === undefined ? 0 : owner.depth + 1;
    this.#pushLine(line, index, depth + (block ? 1 : 0), this.#gapBefore(line));
  }

  /** The line is inside a folded row. */
  #fold(line: LogMessage, index: number, row: number): void {
    this.#rowOf[index] = row;
    this.#clock.note(factsOf(line).timeMs);
  }

  /** A header that is not held, of an attempt that is folded, has no row. */
  #headerOf(group: Group): number {
    return this.#headers.get(group) ?? Math.max(0, this.#rows.length - 1);
  }

  /** False where the group is inside a folded one. */
  #writeHeader(group: Group, gapMs: number | undefined): boolean {
    const { parent, marker, isPartial, isWhole, endId } = group;
    if (parent && !this.#shown.has(parent)) {
      this.#headers.set(group, this.#headerOf(parent));
      return false;
    }
    const { atNewest, isOver, superseded } = this.#input;
    const old = superseded.has(group.line.task_run_id ?? '');
    const isOpen = this.#state.isGroupOpen(group);
    if (isOpen) this.#shown.add(group);
    this.#endRepeats(undefined);
    this.#headers.set(group, this.#rows.length);
    this.#rows.push({
      kind: 'group',
      key: group.id,
      id: group.id,
      line: group.line,
      depth: group.depth + (old ? 1 : 0),
      title: marker.title || marker.name || 'Group',
      isOpen,
      lines: group.lines,
      errors: group.errors,
      warnings: group.warnings,
      durationMs: Math.max(0, group.lastMs - factsOf(group.line).timeMs) || 0,
      isComplete: endId !== undefined || ((atNewest || isWhole) && isOver),
      isPartial: isPartial || (endId === undefined && !atNewest && !isWhole),
      gapMs,
    });
    return true;
  }

  #beginBlock(line: LogMessage, index: number, old: TaskRun | undefined): void {
    this.#block = undefined;
    if (!old) return;
    this.#endRepeats(undefined);
    const { hasOlder } = this.#input;
    this.#hasAttempts = true;
    this.#block = {
      kind: 'attempt',
      key: -line.id,
      line,
      depth: 0,
      id: old.id,
      task: old.task_name,
      attempt: old.attempt,
      status: old.status,
      last: line,
      isOpen: this.#state.isAttemptOpen(old.id),
      isPartial: index === 0 && hasOlder,
      lines: 0,
      errors: 0,
      warnings: 0,
    };
    this.#blockRow = this.#rows.length;
    this.#rows.push(this.#block);
  }

  #pushLine(line: LogMessage, index: number, depth: number, gapMs: number | undefined): void {
    if (this.#input.foldRepeats) this.#noteRepeat(line, index, depth);
    this.#rowOf[index] = this.#rows.length;
    this.#rows.push(lineRow(line, depth, gapMs));
  }

  #noteRepeat(line: LogMessage, index: number, depth: number): void {
    const shape = shapeOf(line);
    const before = this.#rows.at(-1);
    const repeats = this.#repeats;
    if (
      repeats?.shape === shape &&
      before?.kind === 'line' &&
      before.depth === depth &&
      repeats.head.task_run_id === line.task_run_id &&
      repeats.head.stream === line.stream &&
      repeats.head.level === line.level
    ) {
      return;
    }
    this.#endRepeats(line);
    this.#repeats = shape === '' ? undefined : { row: this.#rows.length, line: index, shape, head: line };
  }

  /** Makes one row of the repeats that were written last, as far as they are many. `next`: the line after them. */
  #endRepeats(next: LogMessage | undefined): void {
    const repeats = this.#repeats;
    this.#repeats = undefined;
    if (!repeats || this.#rows.length - repeats.row < REPEATS_MIN) return;
    let end = this.#rows.length;
    let last = this.#rows[end - 1];
    // The line above a trace belongs to the trace.
    const leads = last && next && isContinuation(next, last.line) ? last : undefined;
    if (leads) last = this.#rows[--end - 1];
    const first = this.#rows[repeats.row];
    const repeated = end - repeats.row;
    if (!first || !last || repeated < REPEATS_MIN) return;
    const { openRepeats } = this.#state;
    const isOpen =
      openRepeats.size > 0 && this.#rows.slice(repeats.row + 1, end).some((row) => openRepeats.has(row.key));
    const { line, depth, gapMs } = first;
    this.#rows[repeats.row] = {
      kind: 'repeat',
      key: line.id,
      line,
      depth,
      gapMs,
      count: repeated,
      last: last.line,
      isOpen,
    };
    if (isOpen) return;
    this.#rows.length = repeats.row + 1;
    if (leads) this.#rows.push(leads);
    const { lines: all } = this.#input;
    for (let index = repeats.line; index < this.#at; index++) {
      if ((this.#rowOf[index] ?? 0) <= repeats.row) continue;
      this.#rowOf[index] = leads && all[index] === leads.line ? repeats.row + 1 : repeats.row;
    }
  }

  /** The silence before a line that is shown, where it is long. Clocks that go back give none. */
  #gapBefore(line: LogMessage): number | undefined {
    const { timeMs } = factsOf(line);
    const gap = timeMs - this.#clock.latestMs;
    this.#clock.note(timeMs);
    return this.#input.isGapless && gap >= GAP_MS ? gap : undefined;
  }
}
