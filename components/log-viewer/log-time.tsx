'use client';

import { useIsHydrated } from '@/components/ui/now';

/** Which times stand before the lines. */
export type TimeStyle = 'off' | 'local' | 'utc';

/** The time of day of a line to the millisecond; the server renders UTC, the browser what was chosen. */
export function LogTime({ at, style }: { at: string; style: 'local' | 'utc' }) {
  const isHydrated = useIsHydrated();
  return (
    <time dateTime={at} title={at} className="log-time">
      {isHydrated && style === 'local' ? localTimeOfDay(at) : at.slice(11, 23)}
    </time>
  );
}

function localTimeOfDay(at: string): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
