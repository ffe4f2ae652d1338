import { Ban, CircleCheck, CircleDashed, CircleX, LoaderCircle, Unplug } from 'lucide-react';
import { classNames } from '@/components/ui/class-names';
import type { Status } from '@/lib/protocol/run';

export const STATUS_LOOKS = {
  pending: { text: 'Pending', Icon: CircleDashed, color: 'text-fg-muted' },
  running: { text: 'Running', Icon: LoaderCircle, color: 'text-accent' },
  completed: { text: 'Completed', Icon: CircleCheck, color: 'text-success' },
  failed: { text: 'Failed', Icon: CircleX, color: 'text-danger' },
  canceled: { text: 'Canceled', Icon: Ban, color: 'text-fg-muted' },
  lost: { text: 'Lost', Icon: Unplug, color: 'text-lost' },
} as const satisfies Record<Status, unknown>;

/** A status as icon and word; `iconOnly` keeps the word for screen readers and as a title. */
export function RunStatus({
  status,
  iconOnly = false,
  className,
}: {
  status: Status;
  iconOnly?: boolean;
  className?: string;
}) {
  const { text, Icon, color } = STATUS_LOOKS[status];
  return (
    <span
      data-status={status}
      title={iconOnly ? text : undefined}
      className={classNames('inline-flex items-center gap-1.5 whitespace-nowrap font-medium text-13', color, className)}
    >
      <Icon
        aria-hidden
        className={classNames('size-4 shrink-0', status === 'running' && 'animate-spin [animation-duration:2s]')}
      />
      <span className={iconOnly ? 'sr-only' : undefined}>{text}</span>
    </span>
  );
}
