'use client';

import { formatCompact } from '@/components/format/quantity';
import { classNames } from '@/components/ui/class-names';
import { useNow } from '@/components/ui/now';
import { ApiError } from '@/lib/client/client-errors';
import type { StreamState } from '@/lib/client/stream-state';
import type { Status } from '@/lib/protocol/run';

interface Shown {
  text: string;
  /** The full story, as a title. */
  detail: string;
  dot: 'good' | 'busy' | 'bad' | 'idle';
  canRetry?: boolean;
}

const DOTS = {
  good: 'bg-success',
  busy: 'bg-warning',
  bad: 'bg-danger',
  idle: 'bg-fg-faint',
} as const;

/** The state in words; `now` is absent while the server renders. */
export function describeStream(
  stream: StreamState,
  isFollowing: boolean,
  { now, status }: { now?: number | undefined; status?: Status | undefined },
): Shown {
  switch (stream.kind) {
    case 'live':
      if (status === 'pending') {
        return { text: 'Not started yet', detail: 'Connected; lines appear when the run starts.', dot: 'idle' };
      }
      return isFollowing
        ? { text: 'Live', detail: 'Connected; lines appear as they are written.', dot: 'good' }
        : { text: 'Paused', detail: 'Connected; the view stays where it is. New lines are counted.', dot: 'idle' };
    case 'catching-up': {
      const behind = Math.max(0, (stream.head ?? 0) - (stream.line ?? 0));
      const text = behind > 0 ? `Catching up, ${formatCompact(behind)} to go` : 'Catching up';
      return { text, detail: 'Connected; older lines are arriving.', dot: 'busy' };
    }
    case 'silent': {
      const seconds = now === undefined ? 0 : Math.floor((now - stream.since) / 1000);
      const text = seconds > 0 ? `Server silent for ${seconds} s` : 'Server silent';
      return { text, detail: 'Connected, but the server’s heartbeat is overdue.', dot: 'busy' };
    }
    case 'reconnecting': {
      const seconds = now === undefined ? undefined : Math.max(0, Math.ceil((stream.at - now) / 1000));
      const text = seconds ? `Reconnecting in ${seconds} s` : 'Reconnecting…';
      const detail = stream.error?.message ?? 'The connection was lost.';
      return { text, detail: `${detail} No line will be missed.`, dot: 'bad', canRetry: true };
    }
    case 'offline':
      return { text: 'Offline', detail: 'This device has no network.', dot: 'bad', canRetry: true };
    case 'ended':
      if ((stream.end?.status ?? status) === 'lost') {
        return { text: 'Lost', detail: 'The run’s producer fell silent; the lines it sent are here.', dot: 'bad' };
      }
      return { text: 'Ended', detail: 'The run has ended; all its lines are here.', dot: 'idle' };
    case 'failed': {
      const { error } = stream;
      if (!(error instanceof ApiError))
        return { text: 'Disconnected', detail: error.message, dot: 'bad', canRetry: true };
      return { text: error.problem.title, detail: error.message, dot: 'bad', canRetry: error.temporary };
    }
    case 'idle':
    case 'connecting':
      return { text: 'Connecting…', detail: 'Connecting to the server.', dot: 'busy' };
  }
}

/** What the stream is doing, as it measured itself, and a way to try again at once. */
export function ConnectionState({
  stream,
  status,
  isFollowing,
  onRetry,
}: {
  stream: StreamState;
  /** The run's status where it is known. */
  status?: Status | undefined;
  isFollowing: boolean;
  onRetry: () => void;
}) {
  const now = useNow(1000, stream.kind === 'reconnecting' || stream.kind === 'silent');
  const { text, detail, dot, canRetry } = describeStream(stream, isFollowing, { now, status });
  return (
    <div className="flex shrink-0 items-center gap-2 text-fg-muted text-xs" data-stream-state={stream.kind}>
      <span aria-hidden className={classNames('size-2 rounded-full', DOTS[dot])} />
      <span title={detail} className="whitespace-nowrap tabular-nums">
        {text}
      </span>
      {/* Announced once per change of kind, not at every second of a countdown. */}
      <span role="status" className="sr-only">
        {stream.kind === 'catching-up' ? 'Catching up' : describeStream(stream, isFollowing, { status }).text}
      </span>
      {canRetry && (
        <button type="button" onClick={onRetry} className="rounded font-medium text-accent hover:underline">
          Try now
        </button>
      )}
    </div>
  );
}
