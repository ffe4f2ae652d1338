/** What is known of the lines inside a group or a block. Servers and viewers count by it. */
export interface Tally {
  /** Markers are not counted. */
  lines: number;
  errors: number;
  warnings: number;
}

export function noLines(): Tally {
  return { lines: 0, errors: 0, warnings: 0 };
}

/** Counts lines of one level; a number below 0 takes them off. */
export function countLines(tally: Tally, level: string, lines: number): void {
  tally.lines += lines;
  if (level === 'error') tally.errors += lines;
  else if (level === 'warn') tally.warnings += lines;
}

/** `sign` −1 takes `other` off. */
export function addTally(tally: Tally, other: Tally, sign: 1 | -1 = 1): void {
  tally.lines += sign * other.lines;
  tally.errors += sign * other.errors;
  tally.warnings += sign * other.warnings;
}
