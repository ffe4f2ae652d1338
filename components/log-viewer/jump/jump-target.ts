/** Where a reader wants to go: a line by its number (to `last`, where some are meant), or the first line from a time on (RFC 3339). */
export type JumpTarget = { kind: 'line'; line: number; last?: number } | { kind: 'time'; at: string };

export interface JumpContext {
  first: number;
  newest: number;
  /** The line in sight, from which +N and -N count. */
  current: number;
  /** When the run started, for `+5m`. */
  startedAt?: string | undefined;
  /** A time in the run whose day a bare `14:03` belongs to. */
  near?: string | undefined;
  /** Bare times are UTC instead of local. */
  isUtc: boolean;
}

const LINE = /^(?:L|#|#L)?(\d{1,15})(?:\s*[-–]\s*L?(\d{1,15}))?$/i;
const RELATIVE = /^([+-])(\d{1,15})$/;
const PERCENT = /^(\d{1,3})(?:\.\d+)?%$/;
const SINCE_START = /^\+?((?:\d+(?:\.\d+)?(?:h|min|m|s)\s*)+)$/i;
const PART = /(\d+(?:\.\d+)?)(h|min|m|s)/gi;
const TIME_OF_DAY = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?$/;
const HAS_OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i;
const UNIT_MS: Record<string, number> = { h: 3_600_000, min: 60_000, m: 60_000, s: 1000 };

/**
 * What a reader typed, as a place: `1204`, `120-134`, `+500`, `-500`, `50%`, `start`, `end`, `14:03:11` (on the day that is in
 * sight), `+5m30s` (since the run's start), a date with a time. Undefined where it is none of these.
 */
export function parseJump(text: string, context: JumpContext): JumpTarget | undefined {
  const typed = text.trim().replaceAll(/(?<=\d)[ ,_](?=\d{3}(?:\D|$))/g, '');
  const { first, newest, current } = context;
  if (typed === '') return undefined;
  if (/^(start|first|top)$/i.test(typed)) return { kind: 'line', line: first };
  if (/^(end|last|bottom)$/i.test(typed)) return { kind: 'line', line: newest };
  const [, line, other] = LINE.exec(typed) ?? [];
  if (line !== undefined && other === undefined) return { kind: 'line', line: Number(line) };
  if (line !== undefined) {
    const [from, to] = [Number(line), Number(other)];
    return { kind: 'line', line: Math.min(from, to), last: Math.max(from, to) };
  }
  const relative = RELATIVE.exec(typed);
  if (relative) {
    const moved = current + (relative[1] === '-' ? -1 : 1) * Number(relative[2]);
    return { kind: 'line', line: Math.min(newest, Math.max(first, moved)) };
  }
  const percent = PERCENT.exec(typed);
  if (percent) {
    const part = Math.min(100, Number.parseFloat(typed)) / 100;
    return { kind: 'line', line: Math.min(newest, first + Math.round(part * (newest - first))) };
  }
  return timeOf(typed, context);
}

function timeOf(typed: string, { startedAt, near, isUtc }: JumpContext): JumpTarget | undefined {
  const since = SINCE_START.exec(typed)?.[1];
  if (since !== undefined && startedAt !== undefined) {
    let ms = 0;
    for (const [, amount, unit] of since.matchAll(PART))
      ms += Number(amount) * (UNIT_MS[unit?.toLowerCase() ?? ''] ?? 0);
    return toTime(new Date(Date.parse(startedAt) + ms));
  }
  const day = TIME_OF_DAY.exec(typed);
  if (day) {
    const [hours = 0, minutes = 0, seconds = 0] = day.slice(1, 4).map((part) => Number(part ?? 0));
    const ms = Number((day[4] ?? '0').padEnd(3, '0'));
    if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
    const date = new Date(near ?? startedAt ?? Date.now());
    if (isUtc) date.setUTCHours(hours, minutes, seconds, ms);
    else date.setHours(hours, minutes, seconds, ms);
    return toTime(date);
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(typed)) return undefined;
  const withTime = /^\d{4}-\d{2}-\d{2}$/.test(typed) ? `${typed}T00:00:00` : typed.replace(' ', 'T');
  return toTime(new Date(isUtc && !HAS_OFFSET.test(withTime) ? `${withTime}Z` : withTime));
}

function toTime(date: Date): JumpTarget | undefined {
  return Number.isNaN(date.getTime()) ? undefined : { kind: 'time', at: date.toISOString() };
}
