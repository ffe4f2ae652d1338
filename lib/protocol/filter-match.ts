import type { FacetView, LineFilter } from './filter';

/** True for a filter that every line passes. */
export function isUnfiltered(filter: LineFilter): boolean {
  return !hasFacetFilter(filter) && !hasTimeFilter(filter) && filter.text === undefined;
}

/** True where the filter restricts task, stream or level: what `matchesFacet` looks at. */
function hasFacetFilter(filter: LineFilter): boolean {
  return (
    filter.levels !== undefined ||
    filter.streams !== undefined ||
    filter.taskRunIds !== undefined ||
    filter.taskNames !== undefined ||
    filter.attempts !== undefined
  );
}

/** True where the filter restricts the time: what `matchesTime` looks at. */
function hasTimeFilter(filter: LineFilter): boolean {
  return filter.fromUs !== undefined || filter.toUs !== undefined;
}

/** True where lines of this task, stream and level can pass; the same for all of them, so ask once per facet. */
export function matchesFacet(filter: LineFilter, facet: FacetView): boolean {
  if (filter.levels && !filter.levels.has(facet.level)) return false;
  if (filter.streams && !filter.streams.has(facet.stream)) return false;
  const { task } = facet;
  if (filter.taskRunIds && !(task && filter.taskRunIds.has(task.id))) return false;
  if (filter.taskNames && !(task && filter.taskNames.has(task.name))) return false;
  if (filter.attempts && !(task && filter.attempts.has(task.attempt))) return false;
  return true;
}

/** True for a time in [from, to), in microseconds since the epoch. */
export function matchesTime(filter: LineFilter, timeUs: number): boolean {
  if (filter.fromUs !== undefined && timeUs < filter.fromUs) return false;
  return filter.toUs === undefined || timeUs < filter.toUs;
}

/** True where the line passes all parts of the filter. */
export function matchesLine(filter: LineFilter, facet: FacetView, timeUs: number, message: string): boolean {
  return (
    matchesFacet(filter, facet) &&
    matchesTime(filter, timeUs) &&
    (filter.text === undefined || filter.text.matches(message))
  );
}
