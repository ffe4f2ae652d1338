'use client';

import { formatCounted } from '@/components/format/quantity';
import { toggled } from '@/components/log-viewer/filter/filter-options';
import type { InitialLines } from '@/components/log-viewer/log-source';
import { LogViewer } from '@/components/log-viewer/log-viewer';
import { isFiltering } from '@/components/log-viewer/viewer-filter';
import { downloadPath } from './download-path';
import { useFilterInAddress } from './filter-in-address';
import { hasAside, RunAside } from './run-aside';
import { RunHeader } from './run-header';
import { type RunDetails, useRun } from './use-run';

/** One run: what is known of it, its tasks, and its log. The filter is kept in the address. */
export function RunPage({ initial, lines }: { initial: RunDetails; lines: InitialLines }) {
  const { run, tasks } = useRun(initial);
  const { filter, setFilter, highlights, setHighlights } = useFilterInAddress();
  const chooseTask = (id: string) => setFilter({ ...filter, tasks: toggled(filter.tasks, id) });

  const aside = <RunAside run={run} tasks={tasks} chosen={filter.tasks} onChoose={chooseTask} />;
  return (
    <div className="flex flex-col lg:h-[calc(100dvh-3rem)]">
      <RunHeader run={run} />
      <noscript>
        <p className="border-t bg-subtle px-3 py-2 text-13 text-fg-muted sm:px-4">
          {`Without JavaScript this page shows the newest ${formatCounted(lines.lines.length, 'line')} as of now. `}
          <a href={downloadPath(run.id, 'inline=1')} className="text-accent underline">
            All lines as text
          </a>
        </p>
      </noscript>
      <div className="flex min-h-0 flex-1 flex-col border-t lg:flex-row">
        {hasAside(run, tasks) && (
          <>
            <aside aria-label="Tasks and details" className="hidden w-64 shrink-0 overflow-y-auto border-r lg:block">
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
          height="var(--viewer-height)"
          initial={isFiltering(filter) ? undefined : lines}
          status={run.status}
          levelCounts={run.level_counts}
          tasks={tasks}
          filter={filter}
          onFilterChange={setFilter}
          highlights={highlights}
          onHighlightsChange={setHighlights}
          startedAt={run.started_at}
          permalinks
          className="flex-none rounded-none border-0 lg:flex-1 [--viewer-height:calc(100dvh-3rem)] lg:[--viewer-height:auto]"
        />
      </div>
    </div>
  );
}
