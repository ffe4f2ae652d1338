const WHOLE = new Intl.NumberFormat('en-US');
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A count with thousands separators: `1,234,567`. The locale is fixed, so that server and browser agree. */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** A count in few characters: `987`, `12.3K`, `1.23M`. */
export function formatCompact(count: number): string {
  return COMPACT.format(count);
}

/** `1 line`, `2 lines`: the count and its noun. */
export function formatCounted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Bytes in decimal units with up to one decimal: `0 B`, `999 B`, `1.5 kB`, `12 MB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // 999.5 and above would be rounded to 1000 of the smaller unit.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
  return `${text} ${BYTE_UNITS[unit]}`;
}
