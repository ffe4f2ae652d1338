import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { authorizePage } from '@/app/authorize-page';
import { RunPage } from '@/components/runs/run-page';
import { formatRunCursor } from '@/lib/protocol/cursor';
import { foldId, isId } from '@/lib/protocol/ids';

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
  return { title: run ? run.job_name : 'No such run' };
}

export default async function JobRunPage({ params }: { params: Params }) {
  const id = idOf((await params).id);
  const run = id === undefined ? undefined : await readRun(id);
  if (id === undefined || !run) notFound();
  const { store } = (await authorizePage(id)).runtime;
  const [head, { tasks }] = await Promise.all([store.runHead(id), store.listTasks({ runId: id, limit: TASKS_MAX })]);
  if (!head) notFound();
  const page = await store.readPage({
    run: head,
    start: { kind: 'tail', count: RENDERED_LINES },
    limit: RENDERED_LINES,
    filter: {},
  });
  const last = page.lines.at(-1);
  return (
    <RunPage
      initial={{ run, tasks }}
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
