import { dayOf, timeOfDay, type Zone, zoneName } from '@/components/format/instant';
import { formatCount } from '@/components/format/quantity';
import { classNames } from '@/components/ui/class-names';
import type { Level } from '@/lib/protocol/log-message';
import { STACKED_LEVELS } from './volume-bins';

const LEVEL_DOTS: Record<Level, string> = {
  error: 'bg-danger',
  warn: 'bg-warning',
  info: 'bg-accent',
  debug: 'bg-fg-faint',
};

/** `10:30:45 – 10:31:00 UTC+02:00`, with days where they differ or are asked for and fractions where seconds are too coarse. */
export function describeRange({ from, to }: { from: string; to: string }, zone: Zone, withDay = false): string {
  const isShort = Date.parse(to) - Date.parse(from) < 10_000;
  const timeText = (iso: string) => timeOfDay(iso, zone, isShort ? 'fraction' : 'seconds');
  const [firstDay, lastDay] = [dayOf(from, zone), dayOf(to, zone)];
  const isOneDay = firstDay === lastDay;
  const begin = withDay || !isOneDay ? `${firstDay} ${timeText(from)}` : timeText(from);
  const end = isOneDay ? timeText(to) : `${lastDay} ${timeText(to)}`;
  return `${begin} – ${end} ${zoneName(new Date(from), zone)}`;
}

/** What bins hold: their time and their lines by level. `left` is where they are, 0 to 1. */
export function BinTooltip({
  range,
  counts,
  left,
  zone,
}: {
  range: { from: string; to: string };
  counts: Record<Level, number>;
  left: number;
  zone: Zone;
}) {
  const total = STACKED_LEVELS.reduce((sum, level) => sum + counts[level], 0);
  return (
    <div
      aria-hidden
      className="volume-tip pointer-events-none absolute top-full z-30 mt-1 w-max max-w-full rounded-md bg-raised px-2.5 py-1.5 text-xs shadow-pop"
      style={{ left: `${left * 100}%`, translate: `${-left * 100}% 0` }}
    >
      <p className="text-fg-muted tabular-nums">{describeRange(range, zone, true)}</p>
      {total === 0 ? (
        <p className="text-fg-faint">No lines</p>
      ) : (
        <ul className="mt-0.5 flex flex-wrap gap-x-3 tabular-nums">
          {STACKED_LEVELS.filter((level) => counts[level] > 0).map((level) => (
            <li key={level} className="flex items-center gap-1.5">
              <span className={classNames('size-1.5 rounded-full', LEVEL_DOTS[level])} />
              {level} <span className="font-medium">{formatCount(counts[level])}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
