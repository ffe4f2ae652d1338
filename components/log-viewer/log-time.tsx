'use client';

import { clockBetween, timeOfDay, type Zone } from '@/components/format/instant';
import { useIsHydrated } from '@/components/ui/now';

/** Which times stand before the lines: none, of the day, since the run's start, or since the line before. */
export type TimeStyle = 'off' | 'local' | 'utc' | 'elapsed' | 'delta';

export const TIME_STYLES: readonly TimeStyle[] = ['off', 'local', 'utc', 'elapsed', 'delta'];

/** Where lines of many runs stand together there is no one start. */
export const TIME_STYLES_OF_MANY_RUNS: readonly TimeStyle[] = ['off', 'local', 'utc', 'delta'];

export const TIME_STYLE_TEXTS: Record<TimeStyle, string> = {
  off: 'Hidden',
  local: 'Local',
  utc: 'UTC',
  elapsed: 'Since start',
  delta: 'Since previous line',
};

/** The zone that other times are written in beside a column of that style. */
export function zoneOf(style: TimeStyle): Zone {
  return style === 'utc' ? 'utc' : 'local';
}

/** Characters that the column is wide. */
export function timeChars(hasMicroseconds: boolean): number {
  return hasMicroseconds ? 15 : 12;
}

/** The time of a line to the millisecond, or the microsecond where it has them; the server renders UTC. */
export function LogTime({
  at,
  style,
  startedAt,
  previous,
}: {
  at: string;
  style: Exclude<TimeStyle, 'off'>;
  /** When the run began. */
  startedAt?: string | undefined;
  /** The time of the line before. */
  previous?: string | undefined;
}) {
  const isHydrated = useIsHydrated();
  return (
    <time dateTime={at} data-style={style} className="log-time">
      {timeText(at, isHydrated ? style : 'utc', startedAt, previous)}
    </time>
  );
}

function timeText(at: string, style: Exclude<TimeStyle, 'off'>, startedAt?: string, previous?: string): string {
  if (style === 'elapsed') return startedAt === undefined ? '' : clockBetween(startedAt, at);
  if (style === 'delta') return previous === undefined ? '' : signed(clockBetween(previous, at));
  return timeOfDay(at, style);
}

function signed(length: string): string {
  return length.startsWith('-') ? length : `+${length}`;
}
