import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { authorizePage } from '@/app/authorize-page';
import { parseLineParameter } from '@/components/log-viewer/share/line-link';
import { RunPage } from '@/components/runs/run-page';
import { formatRunCursor } from '@/lib/protocol/cursor';
import { foldId, isId } from '@/lib/protocol/ids';

export const dynamic = 'force-dynamic';

/** Lines that the server renders: more than fit a screen, few enough to be sent at once. */
const RENDERED_LINES = 200;
/** Of these, lines above a line that the address names. */
const LINES_ABOVE = 100;
const TASKS_MAX = 200;

type Params = Promise<{ id: string }>;
type SearchParams = Promise<Record<string, string | string[] | undefined>>;

const readRun = cache(async (id: string) => {
  const { store } = (await authorizePage(id)).runtime;
  return store.readRun(id);
});

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const id = idOf((await params).id);
  const run = id === undefined ? undefined : await readRun(id);
  return { title: run ? run.job_name : 'No such run' };
}

export default async function JobRunPage({ params, searchParams }: { params: Params; searchParams: SearchParams }) {
  const id = idOf((await params).id);
  const run = id === undefined ? undefined : await readRun(id);
  if (id === undefined || !run) notFound();
  const { store } = (await authorizePage(id)).runtime;
  const [head, { tasks }] = await Promise.all([store.runHead(id), store.listTasks({ runId: id, limit: TASKS_MAX })]);
  if (!head) notFound();
  const { line } = await searchParams;
  const linked = typeof line === 'string' ? parseLineParameter(line) : undefined;
  const isThere = linked !== undefined && linked.first <= head.lastLine;
  const page = await store.readPage({
    run: head,
    start: isThere
      ? { kind: 'after', line: Math.max(0, Math.min(linked.first - 1 - LINES_ABOVE, head.lastLine - RENDERED_LINES)) }
      : { kind: 'tail', count: RENDERED_LINES },
    limit: RENDERED_LINES,
    filter: {},
  });
  const last = page.lines.at(-1);
  const lastLine = last ? last.batch.firstLine + last.index : page.lastSeen;
  const newest = Math.max(lastLine, page.head.lastLine);
  return (
    <RunPage
      initial={{ run, tasks }}
      linked={linked}
      lines={{
        lines: page.lines.map(({ batch, index }) => batch.toLogMessage(index)),
        first: page.head.firstLine,
        after: formatRunCursor(store.epoch, head.key, isThere ? newest : lastLine),
        newest: isThere && newest > lastLine ? newest : undefined,
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
