import type { LogMessage } from '@/lib/protocol/log-message';
import type { GroupMarker } from '@/lib/terminal/groups';
import { factsOf } from './line-facts';
import { lowerBound, type Tally } from './row';

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

/** Groups inside each other. */
const DEPTH_MAX = 64;

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
    // Deeper than any program means to go, a marker is a line like others.
    if (marker === undefined || (marker.kind !== 'end' && stack.length >= DEPTH_MAX)) {
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
 * the next pass takes them. Where lines were only lost at the front, they stay counted.
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
      isWanted: false,
      isPartial: group.isPartial || !isForward,
      lines: 0,
      errors: 0,
      warnings: 0,
      gone: isForward ? { ...group.gone } : { lines: 0, errors: 0, warnings: 0 },
    });
  }
  for (let index = 0; isForward && made.size > 0 && index < before.length; index++) {
    const line = before[index];
    if (!line || line.id >= first) break;
    if (pass.parts[index] !== 'line') continue;
    for (let group = pass.owners[index]; group; group = group.parent) {
      const kept = made.get(group);
      if (kept) count(kept.gone, line);
    }
  }
  return [...made.values()];
}
