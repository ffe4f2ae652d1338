import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { createLoader } from 'nuqs/server';
import { cache } from 'react';
import { authorizePage } from '@/app/authorize-page';
import { type AskedLines, askedLines } from '@/components/log-viewer/find/asked-lines';
import { FILTER_IN_ADDRESS, FIND_IN_ADDRESS, filterOf, findOf } from '@/components/runs/address-parsers';
import { RunPage } from '@/components/runs/run-page';
import { RunPageSkeleton } from '@/components/runs/run-page-skeleton';
import { previewText, previewTitle, tabIcon, tabTitle } from '@/components/runs/run-words';
import { Navigated } from '@/components/shell/navigated';
import { foldId, isId } from '@/lib/protocol/ids';
import { type LineRange, parseLineParameter } from '@/lib/protocol/line-range';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { getRuntime } from '@/lib/runtime-handle';
import { readFirstError } from './read-first-error';
import { readLines, readMatches } from './read-lines';

export const dynamic = 'force-dynamic';

/** Tasks that the server renders; the page's first news brings the others. */
const RENDERED_TASKS = 200;

const loadFilter = createLoader(FILTER_IN_ADDRESS);
const loadFind = createLoader(FIND_IN_ADDRESS);

type Params = Promise<{ id: string }>;
type SearchParams = Promise<Record<string, string | string[] | undefined>>;

const readRun = cache(async (id: string) => {
  const { store } = (await authorizePage(id)).runtime;
  return store.readRun(id);
});

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const id = idOf((await params).id);
  const run = id === undefined ? undefined : await readRun(id);
  if (!run) return { title: 'No such run' };
  const { baseUrl } = getRuntime().config;
  const preview = { title: previewTitle(run), description: previewText(run) };
  return {
    title: tabTitle(run),
    description: `${preview.title} · ${preview.description}`,
    icons: { icon: { url: tabIcon(run.status), type: 'image/svg+xml' } },
    openGraph: {
      ...preview,
      type: 'website',
      siteName: 'Stratal',
      ...(baseUrl !== undefined && { url: new URL(runPagePath(run.id), baseUrl) }),
    },
    twitter: { card: 'summary', ...preview },
  };
}

export default async function JobRunPage({ params, searchParams }: { params: Params; searchParams: SearchParams }) {
  const { id } = await params;
  const given = await searchParams;
  const { line } = given;
  return (
    <Navigated skeleton={<RunPageSkeleton />}>
      <JobRun
        id={idOf(id)}
        linked={typeof line === 'string' ? parseLineParameter(line) : undefined}
        asked={askedLines(filterOf(loadFilter(given)), findOf(loadFind(given)))}
      />
    </Navigated>
  );
}

async function JobRun({
  id,
  linked,
  asked,
}: {
  id: string | undefined;
  linked: LineRange | undefined;
  asked: AskedLines;
}) {
  const run = id === undefined ? undefined : await readRun(id);
  if (id === undefined || !run) notFound();
  const { runtime } = await authorizePage(id);
  const { store } = runtime;
  const [head, tasks, neighbours] = await Promise.all([
    store.runHead(id),
    store.readTasksOfRun(id),
    store.neighbourRuns(id),
  ]);
  if (!head) notFound();
  const initialFirstError = await readFirstError(store, head.key, { run, tasks });
  // A link shows its lines, a failed run its first error, any other its newest lines.
  const opensAt = linked?.first ?? (run.status === 'failed' ? initialFirstError.firstError?.line : undefined);
  const lines = isAsked(asked)
    ? await readMatches(runtime, { id, head }, asked, opensAt)
    : await readLines(store, head, opensAt);
  return (
    <RunPage
      key={run.id}
      initial={{ run, tasks: tasks.slice(0, RENDERED_TASKS) }}
      initialFirstError={initialFirstError}
      neighbours={neighbours}
      linked={linked}
      lines={lines}
      opensAt={opensAt}
    />
  );
}

function isAsked(asked: AskedLines): boolean {
  return Object.keys(asked).length > 0;
}

/** The run's id in an address, or undefined where it can be none. */
function idOf(segment: string): string | undefined {
  try {
    const id = decodeURIComponent(segment);
    return isId(id) ? foldId(id) : undefined;
  } catch {
    return undefined;
  }
}
