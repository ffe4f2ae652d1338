import type { Group } from '@/components/log-viewer/rows/group';
import { findGroups } from '@/components/log-viewer/rows/group-pass';
import type { KnownGroups } from '@/components/log-viewer/rows/known-groups';
import type { LogMessage } from '@/lib/protocol/log-message';
import { noLines } from '@/lib/terminal/group-tally';

/** What a server that has these lines, and no more yet, has to answer: the groups that a pass over all of them finds. */
export function groupsSeen(lines: readonly LogMessage[], at: number): KnownGroups {
  const isAt = ({ id, endId }: Group) => id < at && (endId ?? Number.POSITIVE_INFINITY) >= at;
  const groupsOf = (part: readonly LogMessage[]) => findGroups(part, [], () => false).groups;
  const above = new Map(groupsOf(lines.filter(({ id }) => id < at)).map((group) => [group.id, group]));
  return {
    at,
    through: lines.at(-1)?.id ?? 0,
    groups: groupsOf(lines)
      .filter(isAt)
      .map(({ id, line, endId, lines, errors, warnings, lastMs }) => {
        const before = above.get(id) ?? noLines();
        return {
          line,
          ...(endId !== undefined && { end: endId }),
          lines,
          errors,
          warnings,
          before: { lines: before.lines, errors: before.errors, warnings: before.warnings },
          last_at: new Date(lastMs).toISOString(),
        };
      }),
  };
}
