import { formatTimestamp, parseTimestamp } from '@/lib/protocol/timestamp';

/** The zone that times are written in: the browser's, or UTC. */
export type Zone = 'local' | 'utc';

/** `+02:00` for a moment in a zone; UTC is `Z`. */
function offsetOf(date: Date, zone: Zone): string {
  if (zone === 'utc') return 'Z';
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** What a zone is called beside times: `UTC`, or `UTC+02:00` as it is at that moment. */
export function zoneName(date: Date, zone: Zone): string {
  return zone === 'utc' ? 'UTC' : `UTC${offsetOf(date, zone)}`;
}

/** `2026-01-31` in a zone. */
export function dayOf(iso: string, zone: Zone): string {
  const date = new Date(iso);
  if (zone === 'utc') return date.toISOString().slice(0, 10);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `10:30:45.123` in a zone, with six fraction digits where the time has microseconds, and with none where asked for. */
export function timeOfDay(iso: string, zone: Zone, fraction: 'fraction' | 'seconds' = 'fraction'): string {
  const date = new Date(iso);
  const seconds =
    zone === 'utc'
      ? date.toISOString().slice(11, 19)
      : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return fraction === 'seconds' ? seconds : `${seconds}.${fractionOf(iso)}`;
}

/** `2026-01-31 10:30:45.123 +02:00`: the whole of a time. */
export function fullTime(iso: string, zone: Zone): string {
  return `${dayOf(iso, zone)} ${timeOfDay(iso, zone)} ${offsetOf(new Date(iso), zone)}`;
}

/**
 * The way from one time to another as a clock counts it: `0.250`, `1:05.000`, `2:00:00.000`, `3d 04:05:06.007`, with six
 * fraction digits where either has microseconds, and a minus where the clock went back.
 */
export function clockBetween(from: string, to: string): string {
  const us = (parseTimestamp(to) ?? 0) - (parseTimestamp(from) ?? 0);
  const size = Math.abs(us);
  const fraction = size % 1_000_000;
  const digits = fraction % 1000 === 0 ? String(fraction / 1000).padStart(3, '0') : String(fraction).padStart(6, '0');
  const seconds = Math.floor(size / 1_000_000);
  return `${us < 0 ? '-' : ''}${clockText(seconds)}.${digits}`;
}

function clockText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return String(seconds);
  if (hours === 0) return `${minutes}:${two(seconds % 60)}`;
  if (days === 0) return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${days}d ${two(hours % 24)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** The time some microseconds later, in UTC. */
export function addMicroseconds(iso: string, us: number): string {
  return formatTimestamp(Math.max(0, (parseTimestamp(iso) ?? 0) + us));
}

/** The value of a `datetime-local` field for a time in a zone. */
export function toFieldValue(iso: string, zone: Zone): string {
  return `${dayOf(iso, zone)}T${timeOfDay(iso, zone, 'seconds')}.${fractionOf(iso).slice(0, 3)}`;
}

/** The time that a `datetime-local` field names in a zone, in UTC; undefined where it is none that Stratal takes. */
export function fromFieldValue(value: string, zone: Zone): string | undefined {
  const date = new Date(zone === 'utc' ? `${value}Z` : value);
  if (Number.isNaN(date.getTime())) return undefined;
  const iso = date.toISOString();
  return parseTimestamp(iso) === undefined ? undefined : iso;
}

function fractionOf(iso: string): string {
  const digits = /\.(\d{1,6})/.exec(iso)?.[1] ?? '';
  return digits.length > 3 ? digits.padEnd(6, '0') : digits.padEnd(3, '0');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
