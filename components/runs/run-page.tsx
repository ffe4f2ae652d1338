'use client';

import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useCallback, useMemo } from 'react';
import { formatCounted } from '@/components/format/quantity';
import type { LineRange } from '@/components/log-viewer/line-hash';
import type { InitialLines } from '@/components/log-viewer/log-source';
import { LogViewer } from '@/components/log-viewer/log-viewer';
import type { ViewerFilter } from '@/components/log-viewer/viewer-filter';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';
import { downloadPath } from './download-path';
import { useRunActions } from './run-actions';
import { hasAside, RunAside } from './run-aside';
import { RunHeader } from './run-header';
import { type RunDetails, useRun } from './use-run';

const FILTER = {
  level: parseAsArrayOf(parseAsStringLiteral(LEVELS)).withDefault([]),
  stream: parseAsArrayOf(parseAsStringLiteral(STREAMS)).withDefault([]),
  task: parseAsArrayOf(parseAsString).withDefault([]),
  q: parseAsString.withDefault(''),
};

/** One run: what is known of it, its tasks, and its log. The filter is kept in the address. */
export function RunPage({
  initial,
  lines,
  linked,
}: {
  initial: RunDetails;
  lines: InitialLines;
  /** The lines that the address names; `lines` are those around them. */
  linked?: LineRange;
}) {
  const { run, tasks } = useRun(initial);
  const [{ level, stream, task, q }, setFilter] = useQueryStates(FILTER, { history: 'replace', throttleMs: 200 });

  const filter = useMemo<ViewerFilter>(
    () => ({ levels: level, streams: stream, tasks: task, text: q }),
    [level, stream, task, q],
  );
  const change = useCallback(
    ({ levels, streams, tasks: ids, text }: ViewerFilter) => {
      void setFilter({ level: [...levels], stream: [...streams], task: [...ids], q: text });
    },
    [setFilter],
  );
  const chooseTask = (id: string) => {
    void setFilter({ task: task.includes(id) ? task.filter((other) => other !== id) : [...task, id] });
  };
  useRunActions({
    run,
    tasks,
    chosen: task,
    onChooseTask: chooseTask,
    onClearTasks: () => void setFilter({ task: [] }),
  });

  const aside = <RunAside run={run} tasks={tasks} chosen={task} onChoose={chooseTask} />;
  const isFiltered = level.length + stream.length + task.length > 0;
  return (
    <div className="flex flex-col lg:h-[calc(100dvh-3rem)]">
      <RunHeader run={run} />
      <noscript>
        <p className="border-t bg-subtle px-3 py-2 text-13 text-fg-muted sm:px-4">
          {lines.newest === undefined
            ? `Without JavaScript this page shows the newest ${formatCounted(lines.lines.length, 'line')} as of now. `
            : `Without JavaScript this page shows the ${formatCounted(lines.lines.length, 'line')} around the linked one. `}
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
          jobName={run.job_name}
          height="var(--viewer-height)"
          initial={isFiltered ? undefined : lines}
          linked={linked}
          status={run.status}
          levelCounts={run.level_counts}
          tasks={tasks}
          filter={filter}
          onFilterChange={change}
          permalinks
          className="flex-none rounded-none border-0 lg:flex-1 [--viewer-height:calc(100dvh-3rem)] lg:[--viewer-height:auto]"
        />
      </div>
    </div>
  );
}
