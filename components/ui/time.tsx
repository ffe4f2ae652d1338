'use client';

import { formatDistanceStrict } from 'date-fns';
import { elapsedMs, formatDuration, isoDuration } from '@/components/format/duration';
import { absoluteUtc } from '@/components/format/moment';
import { useNow } from './now';
import { useRenderedAt } from './rendered-at';

/**
 * A moment: its UTC time from the server, in the browser how long ago it was with the local time as its title. Times
 * of the wire are RFC 3339 in UTC.
 */
export function Moment({ at, className }: { at: string; className?: string }) {
  const now = useNow(10_000);
  if (now === undefined) {
    return (
      <time dateTime={at} className={className}>
        {absoluteUtc(at)}
      </time>
    );
  }
  const date = new Date(at);
  const ago = now - date.getTime();
  // The clock here is up to ten seconds behind, and the server's may differ a little.
  const text = ago > -30_000 && ago < 10_000 ? 'just now' : formatDistanceStrict(date, now, { addSuffix: true });
  return (
    <time dateTime={at} title={`${date.toLocaleString()} (${absoluteUtc(at)})`} className={className}>
      {text}
    </time>
  );
}

/** How long something took, or takes: without an end it ticks every second in the browser. */
export function Elapsed({
  from,
  to,
  className,
}: {
  from: string | undefined;
  to?: string | undefined;
  className?: string;
}) {
  const renderedAt = useRenderedAt();
  const now = useNow(1000, from !== undefined && to === undefined) ?? renderedAt;
  const length = elapsedMs(from, to ?? now);
  if (length === undefined) return <span className={className}>–</span>;
  return (
    <time dateTime={isoDuration(length)} className={className}>
      {to === undefined ? formatDuration(Math.floor(length / 1000) * 1000).replace('.0s', 's') : formatDuration(length)}
    </time>
  );
}
