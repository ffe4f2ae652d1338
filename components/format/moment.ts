/** A time of the wire (RFC 3339 in UTC) as `2026-01-31 10:30:45 UTC`, the same on server and browser. */
export function absoluteUtc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
