import type { LogMessage } from '@/lib/protocol/log-message';
import { GroupStack } from '@/lib/terminal/group-stack';
import { addTally, countLines } from '@/lib/terminal/group-tally';
import { beginGroup, type Group } from './group';
import { factsOf } from './line-facts';

/** What a line is to the groups. */
export type Part = 'line' | 'start' | 'end';

export interface GroupPass {
  /** In the order of their markers, those first whose marker is not held. */
  groups: readonly Group[];
  /** For each line the innermost group around it; for a marker the group that it opens or ends. */
  owners: ReadonlyArray<Group | undefined>;
  parts: readonly Part[];
}

/**
 * Finds the groups of consecutive lines. Groups belong to the task run that writes them and nest; stdout and stderr share
 * them. `around`: groups, outermost first, that are known to begin above the first line and not to end there.
 */
export function findGroups(
  lines: readonly LogMessage[],
  around: readonly Group[],
  isWanted: (line: LogMessage) => boolean,
): GroupPass {
  const groups: Group[] = [...around];
  const owners: (Group | undefined)[] = new Array(lines.length);
  const parts: Part[] = new Array(lines.length);
  const open = new Map<string, GroupStack<Group>>();
  for (const group of around) stackOf(open, group.line.task_run_id ?? '').push(group);
  let task: string | undefined;
  let stack = new GroupStack<Group>();

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (!line) continue;
    const lineTask = line.task_run_id ?? '';
    if (lineTask !== task) {
      task = lineTask;
      stack = stackOf(open, task);
    }
    const { marker, timeMs } = factsOf(line);
    if (marker === undefined || stack.isLine(marker)) {
      const owner = stack.innermost;
      owners[index] = owner;
      parts[index] = 'line';
      if (owner) tell(owner, line, timeMs);
    } else {
      const ended = stack.end(marker, (group) => {
        group.endId = line.id;
        if (timeMs > group.lastMs) group.lastMs = timeMs;
      });
      parts[index] = marker.kind === 'end' ? 'end' : 'start';
      owners[index] = ended;
      if (marker.kind !== 'end') {
        const group = beginGroup(line, marker, stack.innermost);
        stack.push(group);
        groups.push(group);
        owners[index] = group;
      }
    }
    const owner = owners[index];
    if (owner && isWanted(line)) {
      // A marker that opens a group is in sight when the groups around it are open.
      for (let group = parts[index] === 'start' ? owner.parent : owner; group; group = group.parent)
        group.isWanted = true;
    }
  }
  const pass = { groups, owners, parts };
  takeBack(pass, lines, around);
  addUp(groups);
  return pass;
}

function stackOf(open: Map<string, GroupStack<Group>>, task: string): GroupStack<Group> {
  const known = open.get(task);
  if (known) return known;
  const made = new GroupStack<Group>();
  open.set(task, made);
  return made;
}

function tell(group: Group, line: LogMessage, timeMs: number): void {
  countLines(group, line.level, 1);
  if (timeMs > group.lastMs) group.lastMs = timeMs;
}

/** Lines that count as gone and are held now count once. */
function takeBack({ owners, parts }: GroupPass, lines: readonly LogMessage[], around: readonly Group[]): void {
  const first = lines[0]?.id;
  if (first === undefined) return;
  const below = around.reduce((highest, group) => Math.max(highest, group.goneBelow), 0);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (!line || line.id >= below) break;
    if (parts[index] !== 'line') continue;
    for (let group = owners[index]; group; group = group.parent)
      if (line.id < group.goneBelow) countLines(group.gone, line.level, -1);
  }
  for (const group of around) group.goneBelow = first;
}

/** What is inside an inner group is inside the outer ones too. Inner groups come after their outer ones. */
function addUp(groups: readonly Group[]): void {
  for (let index = groups.length - 1; index >= 0; index--) {
    const group = groups[index];
    if (!group) continue;
    const { parent } = group;
    if (parent) {
      addTally(parent, group);
      if (group.lastMs > parent.lastMs) parent.lastMs = group.lastMs;
    }
  }
  for (const group of groups) addTally(group, group.gone);
}
