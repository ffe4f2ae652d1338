import { headers } from 'next/headers';
import { RunList, RunListSkeleton } from '@/components/runs/run-list';
import { RUNS_PER_PAGE } from '@/components/runs/run-list-view';
import { Navigated } from '@/components/shell/navigated';
import { STATUSES } from '@/lib/protocol/run';
import { authorizePage } from './authorize-page';

export const dynamic = 'force-dynamic';

type SearchParams = Promise<Record<string, string | string[] | undefined>>;

export default function RunsPage({ searchParams }: { searchParams: SearchParams }) {
  return (
    <Navigated skeleton={<RunListSkeleton />}>
      <Runs searchParams={searchParams} />
    </Navigated>
  );
}

async function Runs({ searchParams }: { searchParams: SearchParams }) {
  const { runtime, principal } = await authorizePage();
  const { store, config } = runtime;
  const parameters = await searchParams;
  const view = { q: first(parameters.q), status: first(parameters.status), after: first(parameters.after) };
  const statuses = STATUSES.filter((status) => view.status.split(',').includes(status));
  const { runs, next } = await store.listRuns({
    jobs: principal.jobs,
    limit: RUNS_PER_PAGE,
    q: view.q || undefined,
    status: statuses.length > 0 ? statuses : undefined,
    after: view.after || undefined,
  });
  return (
    <RunList initial={{ view, list: { job_runs: runs, next } }} origin={config.baseUrl ?? (await originOfPage())} />
  );
}

function first(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** The address that the reader uses, for commands to copy. */
async function originOfPage(): Promise<string> {
  const list = await headers();
  return `${list.get('x-forwarded-proto') ?? 'http'}://${list.get('host') ?? 'localhost:8080'}`;
}
