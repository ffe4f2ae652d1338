import Link from 'next/link';
import { memo } from 'react';
import { describeOutcome } from '@/components/format/outcome';
import { formatCompact, formatCount } from '@/components/format/quantity';
import { classNames } from '@/components/ui/class-names';
import { Elapsed, Moment } from '@/components/ui/time';
import type { Run } from '@/lib/protocol/run';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { endedAt } from './ended-at';
import { RunStatus } from './run-status';

const HEAD = 'h-8 px-3 font-normal text-fg-faint text-xs';
const CELL = 'px-3';
const NUMBER = 'text-right tabular-nums text-fg-muted';

/** Runs as rows. Column widths are fixed, so that a number that grows moves nothing. */
export function RunTable({ runs }: { runs: readonly Run[] }) {
  return (
    <div className="overflow-hidden rounded-lg border">
      <table className="w-full table-fixed text-13">
        <thead className="border-b bg-subtle text-left">
          <tr>
            <th scope="col" className={HEAD}>
              Job
            </th>
            <th scope="col" className={`${HEAD} hidden w-32 md:table-cell`}>
              Status
            </th>
            <th scope="col" className={`${HEAD} hidden w-40 sm:table-cell`}>
              Started
            </th>
            <th scope="col" className={`${HEAD} w-24 text-right`}>
              Duration
            </th>
            <th scope="col" className={`${HEAD} hidden w-24 text-right sm:table-cell`}>
              Lines
            </th>
            <th scope="col" className={`${HEAD} hidden w-20 text-right md:table-cell`}>
              Errors
            </th>
          </tr>
        </thead>
        <tbody className="divide-y">
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const RunRow = memo(function RunRow({ run }: { run: Run }) {
  const errors = run.level_counts.error;
  return (
    <tr className="group relative h-12 hover:bg-hover" data-run={run.id}>
      <td className={CELL}>
        <div className="flex min-w-0 items-center gap-2.5">
          <RunStatus status={run.status} iconOnly className="md:hidden" />
          <div className="min-w-0">
            <Link
              href={runPagePath(run.id)}
              prefetch={false}
              className="block truncate font-medium text-fg after:absolute after:inset-0"
              title={run.job_name}
            >
              {run.job_name}
            </Link>
            <div className="truncate font-mono text-2xs text-fg-faint">
              <span className="sm:hidden">
                {run.started_at && <Moment at={run.started_at} className="font-sans" />}
                {' · '}
              </span>
              {run.id}
            </div>
          </div>
        </div>
      </td>
      <td className={`${CELL} hidden md:table-cell`} title={describeOutcome(run)}>
        <RunStatus status={run.status} className="flex" />
      </td>
      <td className={`${CELL} hidden truncate text-fg-muted sm:table-cell`}>
        {run.started_at ? <Moment at={run.started_at} className="relative" /> : '–'}
      </td>
      <td className={`${CELL} ${NUMBER} whitespace-nowrap`}>
        {run.status === 'pending' ? '–' : <Elapsed from={run.started_at} to={endedAt(run)} />}
      </td>
      <td className={`${CELL} ${NUMBER} hidden sm:table-cell`} title={formatCount(run.line_count)}>
        {formatCompact(run.line_count)}
      </td>
      <td
        className={classNames(CELL, NUMBER, 'hidden md:table-cell', errors > 0 ? 'text-danger' : 'text-fg-faint')}
        title={formatCount(errors)}
      >
        {formatCompact(errors)}
      </td>
    </tr>
  );
});

/** The table's place while its first rows are on the way. */
export function RunTableSkeleton() {
  return (
    <div className="animate-pulse overflow-hidden rounded-lg border" role="status" aria-label="Loading runs">
      <div className="h-8 border-b bg-subtle" />
      {['w-40', 'w-56', 'w-32', 'w-48', 'w-36', 'w-52'].map((width) => (
        <div key={width} className="flex h-12 items-center gap-4 border-b px-3 last:border-b-0">
          <div className={`h-3 rounded bg-hover ${width}`} />
          <div className="ml-auto h-3 w-16 rounded bg-hover" />
        </div>
      ))}
    </div>
  );
}
