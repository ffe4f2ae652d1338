import type { LogMessage } from '@/lib/protocol/log-message';
import { countLines, noLines } from '@/lib/terminal/group-tally';
import type { Group } from './group';
import type { GroupPass } from './group-pass';
import { lowerBound } from './row';

/**
 * Groups above the first line that are remembered: many more than the tasks of an honest run have open at once. Groups of
 * tasks that write no end would pile up for as long as a run is followed.
 */
export const AROUND_MAX = 1024;

/** How the lines that are held have changed: they lost their first ones (or none), older ones were added, or they are others. */
export type Move = 'forward' | 'backward' | 'elsewhere';

export function moveOf(before: readonly LogMessage[], lines: readonly LogMessage[]): Move {
  const oldFirst = before[0];
  const first = lines[0];
  if (oldFirst === undefined || first === undefined) return 'elsewhere';
  // The same line is the same object, unless it was loaded again.
  if (first.id >= oldFirst.id) return before[lowerBound(before, first.id)] === first ? 'forward' : 'elsewhere';
  return lines[lowerBound(lines, oldFirst.id)] === oldFirst ? 'backward' : 'elsewhere';
}

/**
 * Groups of a pass over the lines `before` that are around line `first`, and whose markers are no longer held then, as
 * the next pass takes them. Lines that were lost at the front stay counted.
 */
export function groupsAround(pass: GroupPass, before: readonly LogMessage[], first: number, move: Move): Group[] {
  if (move === 'elsewhere') return [];
  const through = before.at(-1)?.id ?? 0;
  const isForward = move === 'forward';
  const made = new Map<Group, Group>();
  for (const group of pass.groups) {
    if (group.id >= first || (group.endId ?? through) < first) continue;
    made.set(group, {
      ...group,
      parent: group.parent && made.get(group.parent),
      endId: undefined,
      isWhole: false,
      isWanted: false,
      ...noLines(),
      gone: { ...group.gone },
      goneBelow: isForward ? first : group.goneBelow,
    });
  }
  for (let index = 0; isForward && made.size > 0 && index < before.length; index++) {
    const line = before[index];
    if (!line || line.id >= first) break;
    if (pass.parts[index] !== 'line') continue;
    for (let group = pass.owners[index]; group; group = group.parent) {
      const kept = made.get(group);
      if (kept) countLines(kept.gone, line.level, 1);
    }
  }
  return [...made.values()];
}

/**
 * At most AROUND_MAX of the groups, in their order. A task keeps all of its own or none, so that no group is without those
 * around it and no end meets another start than its own. Tasks that wrote `lines` go first, then those with newer groups.
 */
export function capAround(around: Group[], lines: readonly LogMessage[]): Group[] {
  if (around.length <= AROUND_MAX) return around;
  const byTask = new Map<string | undefined, { task: string | undefined; count: number; newest: number }>();
  for (const { id, line } of around) {
    const task = line.task_run_id;
    const known = byTask.get(task);
    byTask.set(task, { task, count: (known?.count ?? 0) + 1, newest: Math.max(known?.newest ?? 0, id) });
  }
  const held = new Set(lines.map((line) => line.task_run_id));
  const inOrder = [...byTask.values()].sort(
    (one, other) => Number(held.has(other.task)) - Number(held.has(one.task)) || other.newest - one.newest,
  );
  const kept = new Set<string | undefined>();
  let room = AROUND_MAX;
  for (const { task, count } of inOrder) {
    if (count > room) continue;
    room -= count;
    kept.add(task);
  }
  return around.filter(({ line }) => kept.has(line.task_run_id));
}
