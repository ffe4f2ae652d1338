import type { LogMessage } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';
import { Folds } from './folds';
import type { Group } from './group';
import { findGroups, type GroupPass } from './group-pass';
import { capAround, groupsAround, moveOf } from './groups-around';
import { KnownTotals, type OpenEnds, withKnown } from './known-groups';
import { type FoldRow, lowerBound, type RowList } from './row';
import type { RowInput } from './row-input';
import { RowWriter } from './row-writer';

const NO_GROUPS: GroupPass = { groups: [], owners: [], parts: [] };
/** So many of the newest lines a reader who follows may have in sight. */
const FOLLOWED_LINES = 100;
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
  readonly #totals = new KnownTotals();
  #lines: readonly LogMessage[] = [];
  #pass: GroupPass = NO_GROUPS;
  #scope: unknown;
  #superseded: ReadonlyMap<string, TaskRun> | undefined;
  /** Groups that are open only because they are still written. */
  #running = new Set<number>();
  #goal: RowInput['goal'];
  #openEnds: OpenEnds = 'told';

  /** Whether the server has told what is in groups below the lines that are held. */
  get openEnds(): OpenEnds {
    return this.#openEnds;
  }

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
    const held = { first, last: lines.at(-1)?.id ?? 0, atNewest: input.atNewest };
    const known = withKnown(groupsAround(this.#pass, before, first, move), input.known, held);
    const around = capAround(known, lines);
    this.#scope = input.scope;
    const aroundIds = new Set(around.map(({ id }) => id));
    this.#groups.prune((id) => id >= first || aroundIds.has(id));
    if (input.goal !== undefined) this.#visited.add(input.goal.line);
    const isWanted = (line: LogMessage) => isAskedFor(line, input) || this.#visited.has(line.id);
    const oldFirst = move === 'elsewhere' ? 0 : (before[0]?.id ?? 0);
    const inSight = input.isFollowing ? (before.at(-FOLLOWED_LINES)?.id ?? oldFirst) : oldFirst;
    const seen = idsBelow(this.#pass.groups, oldFirst);
    this.#pass = input.isWhole ? findGroups(lines, around, isWanted) : NO_GROUPS;
    this.#completeTotals(input);
    this.#lines = input.isWhole ? lines : [];
    if (input.isWhole) this.#noteAttempts(input);
    this.#noteGoal(input);
    // What was written where the reader was before a jump is not under their eyes.
    if (move === 'elsewhere') this.#running.clear();
    const running = new Set<number>();
    for (const group of this.#pass.groups) {
      // What was in sight without its header stays in sight now that the header is there.
      const wasCut = group.id < oldFirst && (group.endId ?? held.last) >= inSight && !seen.has(group.id);
      this.#decide(group, input, wasCut, running);
    }
    this.#running = running;
    return new RowWriter(input, this.#pass, {
      isGroupOpen: (group) => this.#isOpen(group, input),
      isAttemptOpen: (task) => this.#attempts.isOpen(task, false),
      openRepeats: this.#repeats,
      isWanted,
    }).write();
  }

  #completeTotals({ known, isOver, newest, atNewest }: RowInput): void {
    const { groups } = this.#pass;
    this.#totals.take(known);
    this.#totals.prune(groups);
    for (const group of groups) this.#totals.complete(group, atNewest, isOver ? newest : undefined);
    this.#openEnds = atNewest ? 'told' : this.#totals.openEnds(groups, newest);
  }

  /** Opens what has to be seen, for good. `wasCut`: its lines were in sight before it was known. */
  #decide(group: Group, input: RowInput, wasCut: boolean, running: Set<number>): void {
    const { id } = group;
    const hasTrouble = group.errors > 0 || (wasCut && !isOpenByDefault(group, input));
    if (group.isWanted || (hasTrouble && !this.#groups.areAllClosed)) this.#groups.keepOpen(id);
    if (isRunning(group, input)) running.add(id);
    // The next header closes the one before it while the reader follows, and never under a reader who does not.
    else if (this.#running.has(id) && !input.isFollowing) this.#groups.keepOpen(id);
  }

  #isOpen(group: Group, input: RowInput): boolean {
    return this.#groups.isOpen(group.id, isOpenByDefault(group, input));
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

function isOpenByDefault(group: Group, input: RowInput): boolean {
  const { kind, collapsed } = group.marker;
  const isStillWritten = isRunning(group, input);
  if (collapsed === true) return kind === 'header' && isStillWritten;
  return collapsed === false || !input.wasOver || isStillWritten;
}

/** Nothing has ended the group, and nothing that is not held can have. */
function isRunning(group: Group, input: RowInput): boolean {
  return group.endId === undefined && (input.atNewest || group.isWhole);
}

/** The markers below a line of groups in their order. */
function idsBelow(groups: readonly Group[], line: number): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const { id } of groups) {
    if (id >= line) break;
    ids.add(id);
  }
  return ids;
}

/** The line is linked or a hit, so that it has to be seen wherever it is. */
function isAskedFor(line: LogMessage, { selection, isHit }: RowInput): boolean {
  if (selection !== undefined && line.id >= selection.first && line.id <= selection.last) return true;
  return isHit?.(line) ?? false;
}
