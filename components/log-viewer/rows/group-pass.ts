import type { LogMessage } from '@/lib/protocol/log-message';
import type { GroupMarker } from '@/lib/terminal/groups';
import { factsOf } from './line-facts';
import type { Tally } from './row';

/** A group of lines that one task run wrote. */
export interface Group extends Tally {
  /** The number of its marker. */
  id: number;
  line: LogMessage;
  marker: GroupMarker;
  parent: Group | undefined;
  depth: number;
  /** The line that ends it, where one is known. */
  endId: number | undefined;
  /** The newest time that is known of it. */
  lastMs: number;
  /** Its marker is not held and some of its lines were never counted. */
  isPartial: boolean;
  /** One of its lines is asked for: linked, or a hit. */
  isWanted: boolean;
  /** Of `lines`, `errors` and `warnings`, what is of lines that are no longer held. */
  gone: Tally;
}

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
  const open = new Map<string, Group[]>();
  for (const group of around) stackOf(open, group.line.task_run_id ?? '').push(group);
  let task: string | undefined;
  let stack: Group[] = [];

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (!line) continue;
    const lineTask = line.task_run_id ?? '';
    if (lineTask !== task) {
      task = lineTask;
      stack = stackOf(open, task);
    }
    const { marker, timeMs } = factsOf(line);
    if (marker === undefined) {
      const owner = stack.at(-1);
      owners[index] = owner;
      parts[index] = 'line';
      if (owner) tell(owner, line, timeMs);
    } else if (marker.kind === 'end') {
      owners[index] = endGroups(stack, line, marker, timeMs);
      parts[index] = 'end';
    } else {
      if (marker.kind === 'header' && stack.at(-1)?.marker.kind === 'header')
        popThrough(stack, stack.length - 1, line.id, timeMs);
      for (const name of marker.closes ?? []) endNamed(stack, name, line.id, timeMs);
      const group = beginGroup(line, marker, stack.at(-1), timeMs);
      stack.push(group);
      groups.push(group);
      owners[index] = group;
      parts[index] = 'start';
    }
    const owner = owners[index];
    if (owner && isWanted(line)) {
      // A marker that opens a group is in sight when the groups around it are open.
      for (let group = parts[index] === 'start' ? owner.parent : owner; group; group = group.parent)
        group.isWanted = true;
    }
  }
  addUp(groups);
  return { groups, owners, parts };
}

function stackOf(open: Map<string, Group[]>, task: string): Group[] {
  const known = open.get(task);
  if (known) return known;
  const made: Group[] = [];
  open.set(task, made);
  return made;
}

function beginGroup(line: LogMessage, marker: GroupMarker, parent: Group | undefined, timeMs: number): Group {
  return {
    id: line.id,
    line,
    marker,
    parent,
    depth: parent === undefined ? 0 : parent.depth + 1,
    endId: undefined,
    lastMs: timeMs,
    isPartial: false,
    isWanted: false,
    lines: 0,
    errors: 0,
    warnings: 0,
    gone: { lines: 0, errors: 0, warnings: 0 },
  };
}

function tell(group: Group, line: LogMessage, timeMs: number): void {
  count(group, line);
  if (timeMs > group.lastMs) group.lastMs = timeMs;
}

/** Counts a line that is no marker. */
export function count(tally: Tally, { level }: LogMessage): void {
  tally.lines += 1;
  if (level === 'error') tally.errors += 1;
  else if (level === 'warn') tally.warnings += 1;
}

/** Ends what the marker ends, and whatever inside it has no end of its own. The outermost group that ends. */
function endGroups(stack: Group[], line: LogMessage, marker: GroupMarker, timeMs: number): Group | undefined {
  let ended: Group | undefined;
  for (const name of marker.closes ?? []) ended = endNamed(stack, name, line.id, timeMs) ?? ended;
  if (marker.name !== undefined) return endNamed(stack, marker.name, line.id, timeMs) ?? ended;
  const at = stack.findLastIndex((group) => group.marker.kind === 'start' && group.marker.name === undefined);
  return popThrough(stack, at, line.id, timeMs);
}

function endNamed(stack: Group[], name: string, id: number, timeMs: number): Group | undefined {
  return popThrough(
    stack,
    stack.findLastIndex((group) => group.marker.name === name),
    id,
    timeMs,
  );
}

function popThrough(stack: Group[], at: number, id: number, timeMs: number): Group | undefined {
  if (at === -1) return undefined;
  const ended = stack.splice(at);
  for (const group of ended) {
    group.endId = id;
    if (timeMs > group.lastMs) group.lastMs = timeMs;
  }
  return ended[0];
}

/** What is inside an inner group is inside the outer ones too. Inner groups come after their outer ones. */
function addUp(groups: readonly Group[]): void {
  for (let index = groups.length - 1; index >= 0; index--) {
    const group = groups[index];
    if (!group) continue;
    const { parent } = group;
    if (parent) {
      parent.lines += group.lines;
      parent.errors += group.errors;
      parent.warnings += group.warnings;
      if (group.lastMs > parent.lastMs) parent.lastMs = group.lastMs;
    }
  }
  for (const group of groups) {
    group.lines += group.gone.lines;
    group.errors += group.gone.errors;
    group.warnings += group.gone.warnings;
  }
}

/**
 * Groups of an earlier pass around the first line of the next one, whose markers are no longer held, as the next pass
 * takes them. What it does not hold any more is counted as gone where lines were only lost at the front.
 */
export function groupsAround(pass: GroupPass, before: readonly LogMessage[], first: number, through: number): Group[] {
  const lost = before.findIndex((line) => line.id >= first);
  const isForward = lost > 0 || (lost === 0 && before[0]?.id === first);
  const made = new Map<Group, Group>();
  for (const group of pass.groups) {
    if (group.id >= first || (group.endId ?? through) < first) continue;
    const { gone, isPartial, parent } = group;
    made.set(group, {
      ...group,
      parent: parent && made.get(parent),
      endId: undefined,
      isWanted: false,
      isPartial: isPartial || !isForward,
      lines: 0,
      errors: 0,
      warnings: 0,
      gone: isForward ? { ...gone } : { lines: 0, errors: 0, warnings: 0 },
    });
  }
  if (made.size === 0 || !isForward) return [...made.values()];
  for (let index = 0; index < lost; index++) {
    const line = before[index];
    if (!line || pass.parts[index] !== 'line') continue;
    for (let group = pass.owners[index]; group; group = group.parent) {
      const kept = made.get(group);
      if (kept) count(kept.gone, line);
    }
  }
  return [...made.values()];
}
