import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { authorizePage } from '@/app/authorize-page';
import type { LineRange } from '@/components/log-viewer/line-hash';
import { rendered } from '@/components/runs/rendered-lines';
import { RunPage } from '@/components/runs/run-page';
import { RunPageSkeleton } from '@/components/runs/run-page-skeleton';
import { previewText, previewTitle, tabIcon, tabTitle } from '@/components/runs/run-words';
import { Navigated } from '@/components/shell/navigated';
import { formatRunCursor } from '@/lib/protocol/cursor';
import { foldId, isId } from '@/lib/protocol/ids';
import { PAGE_LINES_SURE } from '@/lib/protocol/limits';
import { parseLineParameter } from '@/lib/protocol/line-range';
import { getRuntime } from '@/lib/runtime-handle';
import { readFirstError } from './read-first-error';

export const dynamic = 'force-dynamic';

/** Lines that the server renders: more than fit a screen, few enough to be sent at once. */
const RENDERED_LINES = 200;
/** Of these, lines above a line that the address names. */
const LINES_ABOVE = 100;
/** UTF-16 units of text that the server renders at most: what a program prints is parsed, laid out and sent twice. */
const RENDERED_CHARS_MAX = 256 * 1024;
/** Tasks that the server renders; the page's first news brings the others. */
const RENDERED_TASKS = 200;

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
      ...(baseUrl !== undefined && { url: new URL(`/job-runs/${encodeURIComponent(run.id)}`, baseUrl) }),
    },
    twitter: { card: 'summary', ...preview },
  };
}

export default async function JobRunPage({ params, searchParams }: { params: Params; searchParams: SearchParams }) {
  const { id } = await params;
  const { line } = await searchParams;
  return (
    <Navigated skeleton={<RunPageSkeleton />}>
      <JobRun id={idOf(id)} linked={typeof line === 'string' ? parseLineParameter(line) : undefined} />
    </Navigated>
  );
}

async function JobRun({ id, linked }: { id: string | undefined; linked: LineRange | undefined }) {
  const run = id === undefined ? undefined : await readRun(id);
  if (id === undefined || !run) notFound();
  const { store } = (await authorizePage(id)).runtime;
  const [head, tasks, neighbours] = await Promise.all([
    store.runHead(id),
    store.readTasksOfRun(id),
    store.neighbourRuns(id),
  ]);
  if (!head) notFound();
  const initialFirstError = await readFirstError(store, head.key, { run, tasks });
  // A link shows its lines, a failed run its first error, any other its newest lines.
  const opensAt = linked?.first ?? (run.status === 'failed' ? initialFirstError.firstError?.line : undefined);
  const isThere = opensAt !== undefined && opensAt <= head.lastLine;
  const read = (start: Parameters<typeof store.readPage>[0]['start']) =>
    store.readPage({ run: head, start, limit: RENDERED_LINES, filter: {} });
  const readAfter = (line: number) => read({ kind: 'after', line: Math.max(0, line) });
  let page = isThere
    ? await readAfter(Math.min(opensAt - 1 - LINES_ABOVE, head.lastLine - RENDERED_LINES))
    : await read({ kind: 'tail', count: RENDERED_LINES });
  // Lines above may be so long that the page ends before the one it is to show.
  if (isThere && page.lastSeen < opensAt) page = await readAfter(opensAt - PAGE_LINES_SURE);
  const found = page.lines.map(({ batch, index }) => batch.toLogMessage(index));
  const lines = rendered(found, RENDERED_CHARS_MAX, isThere ? opensAt : undefined);
  const lastLine = lines.at(-1)?.id ?? page.lastSeen;
  const newest = Math.max(lastLine, page.head.lastLine);
  return (
    <RunPage
      key={run.id}
      initial={{ run, tasks: tasks.slice(0, RENDERED_TASKS) }}
      initialFirstError={initialFirstError}
      neighbours={neighbours}
      linked={linked}
      lines={{
        lines,
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
