import type { LogMessage } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';
import { Folds } from './folds';
import { findGroups, type Group, type GroupPass, groupsAround, moveOf } from './group-pass';
import { type FoldRow, lowerBound, type RowList } from './row';
import type { RowInput } from './row-input';
import { RowWriter } from './row-writer';

const NO_GROUPS: GroupPass = { groups: [], owners: [], parts: [] };
const NO_ATTEMPTS: ReadonlyMap<string, TaskRun> = new Map();

/**
 * Turns the lines that are held into rows, again and again as they change, and remembers what is open. A pass costs a few
 * look-ups a line; what takes longer is kept with the line. Pure: no clock, no I/O.
 */
export class RowModel {
  readonly #groups = new Folds<number>();
  readonly #attempts = new Folds<string>();
  /** Lines whose repeats are shown with them. */
  readonly #repeats = new Set<number>();
  /** Lines that the reader went to: markers that are hidden otherwise are shown. */
  readonly #visited = new Set<number>();
  #lines: readonly LogMessage[] = [];
  #pass: GroupPass = NO_GROUPS;
  #scope: unknown;
  #superseded: ReadonlyMap<string, TaskRun> | undefined;
  /** Groups that are open only because they are still written. */
  #running = new Set<number>();
  #goal: RowInput['goal'];

  /** Opens or closes what a row stands for. */
  setOpen(row: FoldRow, isOpen: boolean): void {
    if (row.kind === 'group') this.#groups.setByHand(row.id, isOpen);
    else if (row.kind === 'attempt') this.#attempts.setByHand(row.id, isOpen);
    else if (isOpen) this.#repeats.add(row.last.id);
    else for (const id of this.#repeats) if (id >= row.line.id && id <= row.last.id) this.#repeats.delete(id);
  }

  /** Opens or closes all groups and superseded attempts. */
  setAllOpen(isOpen: boolean): void {
    this.#groups.setAll(
      isOpen,
      this.#pass.groups.map(({ id }) => id),
    );
    this.#attempts.setAll(isOpen, this.#superseded?.keys() ?? []);
  }

  update(given: RowInput): RowList {
    const input = given.isWhole ? given : { ...given, superseded: NO_ATTEMPTS };
    const { lines } = input;
    const first = lines[0]?.id ?? 0;
    const before = this.#scope === input.scope ? this.#lines : [];
    const move = moveOf(before, lines);
    const around = groupsAround(this.#pass, before, first, move);
    this.#scope = input.scope;
    this.#groups.prune((id) => id >= first || around.some((group) => group.id === id));
    if (input.goal !== undefined) this.#visited.add(input.goal.line);
    const isWanted = (line: LogMessage) => isAskedFor(line, input) || this.#visited.has(line.id);
    this.#pass = input.isWhole ? findGroups(lines, around, isWanted) : NO_GROUPS;
    this.#lines = input.isWhole ? lines : [];
    if (input.isWhole) this.#noteAttempts(input);
    this.#noteGoal(input);
    const oldFirst = move === 'backward' && !input.isFollowing ? (before[0]?.id ?? 0) : 0;
    const running = new Set<number>();
    for (const group of this.#pass.groups) this.#decide(group, input, oldFirst, running);
    this.#running = running;
    return new RowWriter(input, this.#pass, {
      isGroupOpen: (group) => this.#isOpen(group, input),
      isAttemptOpen: (task) => this.#attempts.isOpen(task, false),
      openRepeats: this.#repeats,
      isWanted,
    }).write();
  }

  /** Opens what has to be seen, for good. `oldFirst`: the first line before older ones were added, else 0. */
  #decide(group: Group, input: RowInput, oldFirst: number, running: Set<number>): void {
    const { id, endId } = group;
    // What was in sight without its header stays in sight now that the header is there.
    const wasCut = oldFirst > 0 && id < oldFirst && (endId ?? Number.POSITIVE_INFINITY) >= oldFirst;
    const hasTrouble = group.errors > 0 || wasCut;
    if (group.isWanted || (hasTrouble && !this.#groups.areAllClosed)) this.#groups.keepOpen(id);
    if (isRunning(group, input)) running.add(id);
    // The next header closes the one before it while the reader follows, and never under a reader who does not.
    else if (this.#running.has(id) && !input.isFollowing) this.#groups.keepOpen(id);
  }

  #isOpen(group: Group, input: RowInput): boolean {
    const { kind, collapsed } = group.marker;
    const isStillWritten = isRunning(group, input);
    const isClosedByFormat = collapsed === true && !(kind === 'header' && isStillWritten);
    const isClosedByDefault = isClosedByFormat || (collapsed === undefined && input.wasOver && !isStillWritten);
    return this.#groups.isOpen(group.id, !isClosedByDefault);
  }

  #noteGoal({ goal, lines, superseded }: RowInput): void {
    if (goal === this.#goal) return;
    this.#goal = goal;
    const index = goal === undefined ? -1 : lowerBound(lines, goal.line);
    const line = lines[index];
    if (!line) return;
    this.#repeats.add(line.id);
    if (line.task_run_id !== undefined && superseded.has(line.task_run_id)) this.#attempts.reveal(line.task_run_id);
    const owner = this.#pass.owners[index];
    for (let group = this.#pass.parts[index] === 'start' ? owner?.parent : owner; group; group = group.parent) {
      this.#groups.reveal(group.id);
    }
  }

  #noteAttempts({ superseded, lines, isFollowing, selection }: RowInput): void {
    const before = this.#superseded;
    this.#superseded = superseded;
    if (superseded.size === 0) return;
    // The lines of an attempt do not close under a reader when the next attempt begins.
    if (before !== undefined && before !== superseded && !isFollowing) {
      for (const id of superseded.keys()) if (!before.has(id)) this.#attempts.keepOpen(id);
    }
    if (selection === undefined) return;
    for (let index = lowerBound(lines, selection.first); index !== -1 && index < lines.length; index++) {
      const line = lines[index];
      if (!line || line.id > selection.last) break;
      if (line.task_run_id !== undefined && superseded.has(line.task_run_id)) this.#attempts.keepOpen(line.task_run_id);
    }
  }
}

/** Nothing has ended the group, and nothing that is not held can have. */
function isRunning(group: Group, input: RowInput): boolean {
  return group.endId === undefined && input.atNewest;
}

/** The line is linked or a hit, so that it has to be seen wherever it is. */
function isAskedFor(line: LogMessage, { selection, isHit }: RowInput): boolean {
  if (selection !== undefined && line.id >= selection.first && line.id <= selection.last) return true;
  return isHit?.(line) ?? false;
}
