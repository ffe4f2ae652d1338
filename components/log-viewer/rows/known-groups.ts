import type { GroupAtLine } from '@/lib/protocol/api';
import type { LogMessage } from '@/lib/protocol/log-message';
import { beginGroup, type Group } from './group';
import { factsOf } from './line-facts';

/** Totals of more groups are looked through for those that are of no use any more. */
const KEPT_MAX = 1000;

/** What the server told of the groups at one place, over the whole run. */
export interface KnownGroups {
  /** The line that was asked for: `before` is of the lines above it. */
  at: number;
  /** The run's last line then. */
  through: number;
  groups: readonly GroupAtLine[];
}

/** Between which lines a pass looks, and whether the run goes on behind them. */
interface Held {
  first: number;
  last: number;
  atNewest: boolean;
}

/**
 * The groups around the first line that is held: those of the pass before, and those that the server knows and no pass has
 * seen begin.
 */
export function withKnown(around: Group[], known: readonly KnownGroups[], held: Held): Group[] {
  const byId = new Map(around.map((group) => [group.id, group]));
  let isChanged = false;
  for (const answer of known) {
    for (const group of answer.groups) {
      const { id } = group.line;
      if (id >= held.first || (group.end ?? answer.through) < held.first) continue;
      if (byId.get(id)?.isPartial === false) continue;
      const made = fromAnswer(group, answer, held);
      if (made === undefined || (made.isPartial && byId.has(id))) continue;
      byId.set(id, made);
      isChanged = true;
    }
  }
  return isChanged ? nested([...byId.values()]) : around;
}

/** Undefined where the line is no marker to this viewer. */
function fromAnswer(
  known: GroupAtLine,
  { at, through }: KnownGroups,
  { first, last, atNewest }: Held,
): Group | undefined {
  const { marker } = factsOf(known.line);
  if (marker === undefined || marker.kind === 'end') return undefined;
  const group = beginGroup(known.line, marker, undefined);
  group.lastMs = Math.max(group.lastMs, Date.parse(known.last_at));
  const { lines, errors, warnings, before } = known;
  // What is counted has to reach the lines that are held: with all that there was while it is written, or up to the line asked for.
  if (known.end === undefined && atNewest && first <= through + 1 && through <= last) {
    group.gone = { lines, errors, warnings };
    group.goneBelow = through + 1;
  } else {
    group.gone = { ...before };
    group.goneBelow = at;
    group.isPartial = first > at || at > last + 1;
  }
  return group;
}

/** Each with the group of its task around it. */
function nested(groups: Group[]): Group[] {
  const innermost = new Map<string | undefined, Group>();
  for (const group of groups.sort((one, other) => one.id - other.id)) {
    const task = group.line.task_run_id;
    const parent = innermost.get(task);
    group.parent = parent;
    group.depth = parent === undefined ? 0 : parent.depth + 1;
    innermost.set(task, group);
  }
  return groups;
}

/** Of groups that go on below the lines that are held: all there is was told, the run has grown since, or one was never told. */
export type OpenEnds = 'told' | 'outdated' | 'unknown';

/** What is known of a group, as of the run's line `through`. */
interface KnownGroup {
  through: number;
  group: GroupAtLine;
}

/** Totals of groups over the whole run, by their markers, as the newest answers say. */
export class KnownTotals {
  readonly #byId = new Map<number, KnownGroup>();
  #taken: readonly KnownGroups[] = [];

  take(answers: readonly KnownGroups[]): void {
    if (answers === this.#taken) return;
    this.#taken = answers;
    if (answers.length === 0) this.#byId.clear();
    for (const { through, groups } of answers) {
      for (const group of groups) {
        const before = this.#byId.get(group.line.id);
        if (before === undefined || before.through <= through) this.#byId.set(group.line.id, { through, group });
      }
    }
  }

  /** What is known of groups that end below the lines that are held, or not at all. */
  openEnds(groups: readonly Group[], newest: number): OpenEnds {
    let ends: OpenEnds = 'told';
    for (const { id, endId, isWhole } of groups) {
      if (endId !== undefined || isWhole) continue;
      const known = this.#byId.get(id);
      if (known === undefined) return 'unknown';
      if (known.through < newest) ends = 'outdated';
    }
    return ends;
  }

  /** Forgets groups that are neither held nor among the newest answers. */
  prune(held: readonly Group[]): void {
    if (this.#byId.size < KEPT_MAX) return;
    const kept = new Set(held.map(({ id }) => id));
    for (const { groups } of this.#taken) for (const { line } of groups) kept.add(line.id);
    for (const id of this.#byId.keys()) if (!kept.has(id)) this.#byId.delete(id);
  }

  /**
   * Puts the totals of whole groups in the place of what a pass could count. `overAt`: the last line of a run that is over.
   * Of a group that goes on at both places the higher counts are the better ones.
   */
  complete(group: Group, isAtNewest: boolean, overAt: number | undefined): void {
    const known = this.#byId.get(group.id);
    if (known === undefined) return;
    const { end, lines, errors, warnings, last_at } = known.group;
    if (end === undefined ? group.endId !== undefined : group.endId !== undefined && group.endId !== end) return;
    const isOver = overAt !== undefined && known.through >= overAt;
    if (end !== undefined || isOver) {
      Object.assign(group, { lines, errors, warnings });
      group.endId = end;
      group.isPartial = false;
      group.isWhole = true;
    } else if (!isAtNewest || group.isPartial) {
      group.lines = Math.max(group.lines, lines);
      group.errors = Math.max(group.errors, errors);
      group.warnings = Math.max(group.warnings, warnings);
    }
    group.lastMs = Math.max(group.lastMs, Date.parse(last_at));
  }
}

/** Of an answer, the groups of the tasks that are shown; all where none is chosen. */
export function ofTasks(answers: readonly KnownGroups[], tasks: readonly string[]): readonly KnownGroups[] {
  if (tasks.length === 0 || answers.length === 0) return answers;
  const isShown = ({ task_run_id: task }: LogMessage) => task !== undefined && tasks.includes(task);
  return answers.map((answer) => ({ ...answer, groups: answer.groups.filter(({ line }) => isShown(line)) }));
}
