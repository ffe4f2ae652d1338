const DAY_MS = 86_400_000;

/**
 * A length of time in at most two units: `0.4s`, `12s`, `3m 05s`, `1h 02m`, `2d 03h`. Below ten seconds with one
 * decimal, so that short runs differ. Negative lengths (clocks that disagree) count as 0.
 */
export function formatDuration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < 9_950) return `${(Math.floor(length / 100) / 10).toFixed(1)}s`;
  const days = Math.floor(length / DAY_MS);
  const hours = Math.floor(length / 3_600_000) % 24;
  const minutes = Math.floor(length / 60_000) % 60;
  const seconds = Math.floor(length / 1000) % 60;
  if (days > 0) return `${days}d ${twoDigits(hours)}h`;
  if (hours > 0) return `${hours}h ${twoDigits(minutes)}m`;
  if (minutes > 0) return `${minutes}m ${twoDigits(seconds)}s`;
  return `${seconds}s`;
}

/** The same length as an ISO 8601 duration, for `<time datetime>`. */
export function isoDuration(ms: number): string {
  return `PT${(Math.max(0, Math.round(ms)) / 1000).toString()}S`;
}

/** Milliseconds between two RFC 3339 times, or undefined where one is missing or unreadable. */
export function elapsedMs(from: string | undefined, to: string | number | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const length = (typeof to === 'number' ? to : Date.parse(to)) - Date.parse(from);
  return Number.isFinite(length) ? length : undefined;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
