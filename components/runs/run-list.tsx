'use client';

import { ArrowUp, SearchX, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryStates } from 'nuqs';
import { useEffect } from 'react';
import { formatCounted } from '@/components/format/quantity';
import { Button, buttonClass } from '@/components/ui/button';
import { classNames } from '@/components/ui/class-names';
import { Notice } from '@/components/ui/notice';
import type { RunList as RunPage } from '@/lib/protocol/api';
import { FirstSteps } from './first-steps';
import { RunListFilter } from './run-list-filter';
import type { RunListView } from './run-list-view';
import { RunTable, RunTableSkeleton } from './run-table';
import { useRunList } from './use-run-list';

const VIEW = {
  q: parseAsString.withDefault(''),
  status: parseAsString.withDefault(''),
  after: parseAsString.withDefault(''),
};

/** All runs: searched, filtered, page by page, live. */
export function RunList({ initial, origin }: { initial: { view: RunListView; list: RunPage }; origin: string }) {
  const [view, setView] = useQueryStates(VIEW, { history: 'replace', throttleMs: 150 });
  const { data, error, isPending, isPlaceholderData, refetch, arrived, showArrived } = useRunList(view, initial);
  const isFiltered = view.q !== '' || view.status !== '';
  const isEmpty = data !== undefined && data.job_runs.length === 0;
  const isFirstUse = isEmpty && !isFiltered && view.after === '';

  // Nothing is in sight that could jump, so the first runs appear by themselves.
  useEffect(() => {
    if (isEmpty && arrived > 0) void showArrived();
  }, [isEmpty, arrived, showArrived]);

  return (
    <div className="mx-auto w-full max-w-6xl px-3 py-4 sm:px-6 sm:py-6">
      <div className="mb-3 flex min-h-8 items-center gap-3">
        <h1 className="font-semibold text-lg tracking-tight">Runs</h1>
        <div aria-live="polite" className="ml-auto">
          {arrived > 0 && !isEmpty && (
            <Button look="quiet" className="text-accent" onClick={() => void showArrived()}>
              <ArrowUp aria-hidden />
              {formatCounted(arrived, 'new run')}
            </Button>
          )}
        </div>
      </div>
      {!isFirstUse && <RunListFilter view={view} onChange={(change) => void setView({ ...change, after: '' })} />}
      {error && data !== undefined && (
        <p role="alert" className="mb-3 rounded-md bg-danger-soft px-3 py-2 text-13 text-danger">
          {`${error.message} What is shown may be out of date.`}
        </p>
      )}
      {error && data === undefined ? (
        <Notice title="The runs could not be loaded" icon={<TriangleAlert aria-hidden />}>
          <p className="mb-4">{error.message}</p>
          <Button onClick={() => void refetch()}>Try again</Button>
        </Notice>
      ) : isPending ? (
        <RunTableSkeleton />
      ) : isFirstUse ? (
        <FirstSteps origin={origin} />
      ) : isEmpty ? (
        <Notice title="No run matches" icon={<SearchX aria-hidden />}>
          <p className="mb-4">Nothing is found for this search and status.</p>
          <Button onClick={() => void setView({ q: null, status: null, after: null })}>Show all runs</Button>
        </Notice>
      ) : (
        <div className={classNames('transition-opacity', isPlaceholderData && 'opacity-60 delay-150')}>
          <RunTable runs={data.job_runs} />
          <Pages view={view} next={data.next} />
        </div>
      )}
    </div>
  );
}

/** The list while it is on the way. */
export function RunListSkeleton() {
  return (
    <div className="mx-auto w-full max-w-6xl px-3 py-4 sm:px-6 sm:py-6">
      <div className="mb-3 flex min-h-8 items-center font-semibold text-lg tracking-tight">Runs</div>
      <div className="mb-3 h-8 w-full max-w-xs animate-pulse rounded-md bg-hover" />
      <RunTableSkeleton />
    </div>
  );
}

function Pages({ view, next }: { view: RunListView; next: string | null }) {
  if (next === null && view.after === '') return null;
  const linkTo = (after: string | null) => {
    const query = new URLSearchParams();
    if (view.q !== '') query.set('q', view.q);
    if (view.status !== '') query.set('status', view.status);
    if (after !== null) query.set('after', after);
    return query.size === 0 ? '/' : `/?${query}`;
  };
  return (
    <nav aria-label="Pages" className="mt-3 flex items-center justify-between">
      {view.after === '' ? (
        <span />
      ) : (
        <Link href={linkTo(null)} className={buttonClass()}>
          Newest
        </Link>
      )}
      {next !== null && (
        <Link href={linkTo(next)} className={buttonClass()}>
          Older
        </Link>
      )}
    </nav>
  );
}
