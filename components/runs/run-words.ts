import { elapsedMs, formatDuration } from '@/components/format/duration';
import { absoluteUtc } from '@/components/format/moment';
import { describeOutcome } from '@/components/format/outcome';
import { formatCounted } from '@/components/format/quantity';
import type { Run, Status } from '@/lib/protocol/run';
import { endedAt } from './ended-at';

const MARKS: Record<Status, string> = {
  pending: '○',
  running: '●',
  completed: '✓',
  failed: '✗',
  canceled: '⊘',
  lost: '?',
};

/** The page's title, short enough for a tab: `● deploy – running`. */
export function tabTitle({ job_name, status }: Pick<Run, 'job_name' | 'status'>): string {
  return `${MARKS[status]} ${job_name} – ${status}`;
}

/** A run in one line for a link's preview: `deploy · failed (exit code 2)`. */
export function previewTitle(run: Run): string {
  const outcome = run.status === 'completed' && run.exit_code === 0 ? undefined : describeOutcome(run);
  return `${run.job_name} · ${run.status}${outcome === undefined ? '' : ` (${outcome})`}`;
}

/** What a link's preview says beneath: `1,204 lines · 2 errors · took 3m 05s · started 2026-01-31 10:30:45 UTC`. */
export function previewText(run: Run): string {
  const end = endedAt(run);
  const length = elapsedMs(run.started_at, end);
  return [
    formatCounted(run.line_count, 'line'),
    run.level_counts.error > 0 && formatCounted(run.level_counts.error, 'error'),
    length !== undefined && `took ${formatDuration(length)}`,
    run.started_at !== undefined && `started ${absoluteUtc(run.started_at)}`,
  ]
    .filter((part) => part !== false)
    .join(' · ');
}

/** The icon that a browser's tab shows for a run of this status. */
export function tabIcon(status: Status): string {
  return `/tab-icons/${status}.svg`;
}
