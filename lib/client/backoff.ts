/** The bounds of the random delay before the n-th attempt in a row. */
export const BACKOFF_BASE_MS = 1000;
export const BACKOFF_MAX_MS = 30_000;
/** What a server can demand at most: a slip of its clock or its operator must not keep a reader away for days. */
export const DEMAND_MAX_MS = 5 * 60_000;

/**
 * Milliseconds before the next attempt: exponential with full jitter, so that the readers of a restarted server do not
 * return together. What the server demands (`Retry-After`) is the floor, DEMAND_MAX_MS at most.
 *
 * @param tries attempts that failed in a row, from 1
 * @param random in [0, 1)
 */
export function backoffMs(tries: number, random: number, floorMs = 0): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(tries - 1, 30));
  return Math.max(heededMs(floorMs), Math.round(random * ceiling));
}

/** How long a demand of the server to wait is heeded, in milliseconds. */
export function heededMs(demandMs = 0): number {
  return Math.min(demandMs, DEMAND_MAX_MS);
}
