'use client';

import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatDuration } from '@/components/format/duration';
import { describeOutcome } from '@/components/format/outcome';
import { formatBytes, formatCompact, formatCount, formatCounted } from '@/components/format/quantity';
import { classNames } from '@/components/ui/class-names';
import { CopyButton } from '@/components/ui/copy-button';
import { useNow } from '@/components/ui/now';
import { Elapsed, Moment } from '@/components/ui/time';
import type { Run } from '@/lib/protocol/run';
import { endedAt } from './ended-at';
import { RunStatus } from './run-status';

const LEVELS = [
  { level: 'error', noun: 'error', color: 'text-danger', dot: 'bg-danger' },
  { level: 'warn', noun: 'warning', color: 'text-warning', dot: 'bg-warning' },
  { level: 'info', noun: 'info', color: 'text-fg-muted', dot: 'bg-accent' },
  { level: 'debug', noun: 'debug', color: 'text-fg-muted', dot: 'bg-fg-faint' },
] as const;

/** A run's name and what is known of it at a glance; `children` are its buttons. */
export function RunHeader({ run, children }: { run: Run; children: ReactNode }) {
  const outcome = describeOutcome(run);
  const end = endedAt(run);
  return (
    <header className="flex flex-col gap-2 px-3 pt-3 pb-2.5 sm:px-4">
      <div className="flex min-w-0 items-center gap-1.5">
        <nav aria-label="Breadcrumb" className="flex shrink-0 items-center gap-1.5 text-13 text-fg-muted">
          <Link href="/" prefetch={false} className="rounded hover:text-fg">
            Runs
          </Link>
          <ChevronRight aria-hidden className="size-3.5 text-fg-faint" />
        </nav>
        <h1 className="min-w-0 truncate font-semibold text-sm tracking-tight sm:text-base" title={run.job_name}>
          {run.job_name}
        </h1>
        <div className="ml-auto flex shrink-0 items-center gap-1.5 pl-2">{children}</div>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-13 text-fg-muted">
        <span className="inline-flex items-center gap-1.5">
          <RunStatus status={run.status} />
          {outcome && <span>{outcome}</span>}
        </span>
        <Silence run={run} />
        {run.started_at && (
          <span>
            {end === undefined ? 'For ' : 'Took '}
            <Elapsed from={run.started_at} to={end} className="text-fg tabular-nums" />
          </span>
        )}
        {run.started_at && <Moment at={run.started_at} />}
        {run.triggered_by && (
          <span className="max-w-64 truncate" title={run.triggered_by}>
            {`by ${run.triggered_by}`}
          </span>
        )}
        <span className="tabular-nums">
          {formatCounted(run.line_count, 'line')}
          <span className="text-fg-faint">{` · ${formatBytes(run.byte_count)}`}</span>
        </span>
        <Levels run={run} />
        <span className="inline-flex min-w-0 items-center font-mono text-2xs text-fg-faint">
          <span className="truncate" title="Run id">
            {run.id}
          </span>
          <span className="-my-1.5">
            <CopyButton text={run.id} label="Copy run id" />
          </span>
        </span>
      </div>
    </header>
  );
}

/** Lines of each level, also where there are none: a zero is an answer. */
function Levels({ run }: { run: Run }) {
  return (
    <ul aria-label="Lines by level" className="flex items-center gap-2.5 tabular-nums">
      {LEVELS.map(({ level, noun, color, dot }) => {
        const count = run.level_counts[level];
        const isCounted = noun === 'error' || noun === 'warning';
        return (
          <li
            key={level}
            title={isCounted ? formatCounted(count, noun) : `${formatCount(count)} ${noun}`}
            className={classNames('inline-flex items-center gap-1', count === 0 ? 'text-fg-faint' : color)}
          >
            <span aria-hidden className={classNames('size-1.5 rounded-full', dot, count === 0 && 'opacity-40')} />
            {formatCompact(count)}
            <span className={isCounted && count > 0 ? undefined : 'sr-only sm:not-sr-only'}>
              {` ${isCounted && count !== 1 ? `${noun}s` : noun}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** A running run whose producer has missed a heartbeat. */
function Silence({ run }: { run: Run }) {
  const { status, heartbeat_seconds: every, last_heartbeat_at: last } = run;
  const isWatched = status === 'running' && every !== undefined && last !== undefined;
  const now = useNow(1000, isWatched);
  if (!isWatched || now === undefined) return null;
  const silent = now - Date.parse(last);
  if (silent < every * 1500) return null;
  return (
    <span className="text-warning" title={`A heartbeat is expected every ${formatCount(every)} s`}>
      {`Silent for ${formatDuration(silent)}`}
    </span>
  );
}
