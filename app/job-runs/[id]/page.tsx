import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { authorizePage } from '@/app/authorize-page';
import { RunPage } from '@/components/runs/run-page';
import { RunPageSkeleton } from '@/components/runs/run-page-skeleton';
import { previewText, previewTitle, tabIcon, tabTitle } from '@/components/runs/run-words';
import { Navigated } from '@/components/shell/navigated';
import { formatRunCursor } from '@/lib/protocol/cursor';
import { foldId, isId } from '@/lib/protocol/ids';
import { getRuntime } from '@/lib/runtime-handle';
import { readFirstError } from './read-first-error';

export const dynamic = 'force-dynamic';

/** Lines that the server renders: more than fit a screen, few enough to be sent at once. */
const RENDERED_LINES = 200;
const TASKS_MAX = 200;

type Params = Promise<{ id: string }>;

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
      ...(baseUrl !== undefined && { url: new URL(`/job-runs/${encodeURIComponent(run.id)}`, baseUrl) }),
    },
    twitter: { card: 'summary', ...preview },
  };
}

export default async function JobRunPage({ params }: { params: Params }) {
  const { id } = await params;
  return (
    <Navigated skeleton={<RunPageSkeleton />}>
      <JobRun id={idOf(id)} />
    </Navigated>
  );
}

async function JobRun({ id }: { id: string | undefined }) {
  const run = id === undefined ? undefined : await readRun(id);
  if (id === undefined || !run) notFound();
  const { store } = (await authorizePage(id)).runtime;
  const [head, { tasks }, neighbours] = await Promise.all([
    store.runHead(id),
    store.listTasks({ runId: id, limit: TASKS_MAX }),
    store.neighbourRuns(id),
  ]);
  if (!head) notFound();
  const [page, firstError] = await Promise.all([
    store.readPage({ run: head, start: { kind: 'tail', count: RENDERED_LINES }, limit: RENDERED_LINES, filter: {} }),
    readFirstError(store, head.key, { run, tasks }),
  ]);
  const last = page.lines.at(-1);
  return (
    <RunPage
      key={run.id}
      initial={{ run, tasks }}
      initialFirstError={firstError}
      neighbours={neighbours}
      lines={{
        lines: page.lines.map(({ batch, index }) => batch.toLogMessage(index)),
        first: page.head.firstLine,
        after: formatRunCursor(store.epoch, head.key, last ? last.batch.firstLine + last.index : page.lastSeen),
      }}
    />
  );
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
