'use client';

import { parseAsArrayOf, parseAsString, useQueryState } from 'nuqs';
import { useMemo, useState } from 'react';
import { formatCount, formatCounted } from '@/components/format/quantity';
import { toggled } from '@/components/log-viewer/filter/filter-options';
import { isNarrowing } from '@/components/log-viewer/find/asked-lines';
import { useAskedFilter } from '@/components/log-viewer/find/use-asked-filter';
import type { InitialLines } from '@/components/log-viewer/log-source-options';
import { LogViewer } from '@/components/log-viewer/log-viewer';
import type { RunDetails } from '@/components/log-viewer/run-details';
import { isFiltering } from '@/components/log-viewer/viewer-filter';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LineRange } from '@/lib/protocol/line-range';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { DownloadMenu } from './download-menu';
import { downloadPath } from './download-path';
import { filterDownload } from './download-scope';
import { useFilterInAddress } from './filter-in-address';
import { useFindInAddress } from './find-in-address';
import type { FirstError } from './first-error';
import { FirstErrorPanel } from './first-error-panel';
import { NeighbourLinks, type Neighbours } from './neighbour-links';
import { useRunActions } from './run-actions';
import { hasAside, RunAside } from './run-aside';
import { RunHeader } from './run-header';
import { useFirstError } from './use-first-error';
import { useNeighbourKeys } from './use-neighbour-keys';
import { useNeighbours } from './use-neighbours';
import { useRun } from './use-run';
import { useRunTab } from './use-run-tab';

/** A column's name in the address is anybody's text. */
const COLUMN_CHARS_MAX = 100;
const COLUMNS = parseAsArrayOf(parseAsString).withDefault([]).withOptions({ history: 'replace' });

const LINK = 'text-accent underline';

/** What the page shows where no script runs. `opensAt`: the line that it begins at. */
function withoutScript(rendered: InitialLines | undefined, opensAt: number | undefined, isNarrow: boolean): string {
  const page = 'Without JavaScript this page shows';
  if (!rendered) return `${page} no lines under this filter. `;
  const count = formatCounted(rendered.lines.length, 'line');
  const filter = isNarrow ? ' under this filter' : '';
  return rendered.newest === undefined || opensAt === undefined
    ? `${page} the newest ${count}${filter} as of now. `
    : `${page} ${count}${filter} around line ${formatCount(opensAt)}. `;
}

/** One run: what is known of it, its tasks, and its log. The filter is kept in the address. */
export function RunPage({
  initial,
  lines,
  opensAt,
  initialFirstError,
  neighbours: foundNeighbours,
  linked,
}: {
  initial: RunDetails;
  /** Undefined where those of the address's filter are left to the viewer. */
  lines: InitialLines | undefined;
  /** The line that `lines` are around, where the run has it. */
  opensAt: number | undefined;
  /** The first error of the run as it was with all its tasks; `initial` may have the first ones alone. */
  initialFirstError: { query: FilterParameters | undefined; firstError: FirstError | undefined };
  neighbours: Neighbours;
  /** The lines that the address names; `lines` are those around them. */
  linked?: LineRange;
}) {
  const details = useRun(initial);
  const { run, tasks } = details;
  const firstError = useFirstError(details, { details: initial, ...initialFirstError });
  // As it was opened: the server renders the page anew when the theme changes, and the reader stays where they are.
  const [openAt] = useState(() =>
    linked || initial.run.status !== 'failed' ? undefined : initialFirstError.firstError?.line,
  );
  useRunTab(run);
  const neighbours = useNeighbours(run, foundNeighbours);
  useNeighbourKeys(neighbours);
  const { filter, setFilter, highlights, setHighlights } = useFilterInAddress();
  const [find, setFind] = useFindInAddress();
  const [columns, setColumns] = useQueryState('cols', COLUMNS);
  const shownColumns = useMemo(() => columns.map((name) => name.slice(0, COLUMN_CHARS_MAX)), [columns]);
  const chooseTask = (id: string) => setFilter({ ...filter, tasks: toggled(filter.tasks, id) });
  const [selection, setSelection] = useState<LineRange>();
  const { parameters, around } = useAskedFilter(filter, find);
  const isNarrow = isFiltering(filter) || isNarrowing(find);
  const shown = filterDownload(parameters, around);
  useRunActions({
    run,
    tasks,
    chosen: filter.tasks,
    shown: isNarrow ? shown : undefined,
    onChooseTask: chooseTask,
    onClearTasks: () => setFilter({ ...filter, tasks: [] }),
  });

  const aside = <RunAside run={run} tasks={tasks} chosen={filter.tasks} onChoose={chooseTask} />;
  return (
    <div className="flex min-h-[calc(100dvh-var(--shell))] flex-col lg:h-[calc(100dvh-var(--shell))]">
      <RunHeader run={run}>
        <NeighbourLinks jobName={run.job_name} neighbours={neighbours} />
        <DownloadMenu run={run} tasks={tasks} filter={parameters} around={around} selection={selection} />
      </RunHeader>
      {firstError && <FirstErrorPanel firstError={firstError} />}
      <noscript>
        <p className="border-t bg-subtle px-3 py-2 text-13 text-fg-muted sm:px-4">
          {withoutScript(lines, opensAt, isNarrow)}
          {isNarrow && (
            <>
              <a
                href={downloadPath(run.id, new URLSearchParams({ ...shown, inline: '1' }).toString())}
                className={LINK}
              >
                Matching lines as text
              </a>
              {', '}
              <a href={runPagePath(run.id)} className={LINK}>
                the newest lines on this page
              </a>
              {', '}
            </>
          )}
          <a href={downloadPath(run.id, 'inline=1')} className={LINK}>
            {isNarrow ? 'all lines as text' : 'All lines as text'}
          </a>
        </p>
      </noscript>
      <div className="flex min-h-0 flex-auto flex-col border-t lg:flex-1 lg:flex-row">
        {hasAside(run, tasks) && (
          <>
            <aside aria-label="Tasks and details" className="hidden w-72 shrink-0 overflow-y-auto border-r lg:block">
              {aside}
            </aside>
            <details className="border-b lg:hidden">
              <summary className="cursor-pointer px-3 py-2 text-13 text-fg-muted sm:px-4">Tasks and details</summary>
              {aside}
            </details>
          </>
        )}
        <LogViewer
          key={run.id}
          jobRunId={run.id}
          jobName={run.job_name}
          height="auto"
          initial={lines}
          linked={linked}
          status={run.status}
          levelCounts={run.level_counts}
          tasks={tasks}
          filter={filter}
          onFilterChange={setFilter}
          find={find}
          onFindChange={setFind}
          highlights={highlights}
          onHighlightsChange={setHighlights}
          startedAt={run.started_at}
          openAt={openAt}
          columns={shownColumns}
          onColumnsChange={(next) => void setColumns(next.length > 0 ? next : null)}
          permalinks
          onSelectionChange={setSelection}
          className="min-h-96 flex-[1_1_0px] rounded-none border-0 lg:min-h-0"
        />
      </div>
    </div>
  );
}
