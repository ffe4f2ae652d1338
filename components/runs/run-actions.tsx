'use client';

import { Download, FileText, Link2, ListChecks } from 'lucide-react';
import { type Action, useActions } from '@/components/shell/actions';
import { copyText } from '@/components/ui/copy-text';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { downloadPath } from './download-path';
import { RunStatus } from './run-status';

const RUN = 'This run';
const FORMATS = [
  { format: 'raw', title: 'Download raw output', keywords: ['plain', 'text', 'save', 'file'] },
  { format: 'text', title: 'Download text with times', keywords: ['timestamps', 'save', 'file', 'log'] },
  { format: 'ndjson', title: 'Download JSON lines', keywords: ['ndjson', 'json', 'save', 'file'] },
] as const;

/** Offers in the palette what a run's page can do: its tasks as filters, its files, its address. */
export function useRunActions({
  run,
  tasks,
  chosen,
  shown,
  onChooseTask,
  onClearTasks,
}: {
  run: Run;
  tasks: readonly TaskRun[];
  /** Ids of the tasks that the log is filtered by. */
  chosen: readonly string[];
  /** The download's parameters for what the filter shows; absent without a filter. */
  shown: Record<string, string> | undefined;
  onChooseTask: (id: string) => void;
  onClearTasks: () => void;
}): void {
  useActions([
    ...(chosen.length > 0 ? [{ ...ALL_TASKS, run: onClearTasks }] : []),
    ...tasks.map((task): Action => {
      const name = task.attempt > 1 ? `${task.task_name}, attempt ${task.attempt}` : task.task_name;
      return {
        id: `task.${task.id}`,
        title: chosen.includes(task.id) ? `No longer only ${name}` : `Only lines of ${name}`,
        group: 'Tasks',
        keywords: ['task', 'filter', task.status],
        icon: <RunStatus status={task.status} iconOnly />,
        run: () => onChooseTask(task.id),
      };
    }),
    {
      id: 'run.copy-address',
      title: 'Copy a link to this run',
      group: RUN,
      keywords: ['share', 'address', 'url'],
      icon: <Link2 />,
      run: () => void copyText(new URL(runPagePath(run.id), location.href).href),
    },
    ...FORMATS.map(
      ({ format, title, keywords }): Action => ({
        id: `run.download-${format}`,
        title,
        group: RUN,
        keywords: [...keywords],
        icon: <Download />,
        run: () => location.assign(downloadPath(run.id, `format=${format}`)),
      }),
    ),
    ...(shown
      ? [
          {
            id: 'run.download-shown',
            title: 'Download what the filter shows',
            group: RUN,
            keywords: ['matching', 'save', 'file'],
            icon: <Download />,
            run: () =>
              location.assign(downloadPath(run.id, new URLSearchParams({ ...shown, format: 'raw' }).toString())),
          },
        ]
      : []),
    {
      id: 'run.open-raw',
      title: 'Open raw output in a tab',
      group: RUN,
      keywords: ['plain', 'text'],
      icon: <FileText />,
      run: () => void window.open(downloadPath(run.id, 'format=raw&inline=1'), '_blank', 'noreferrer'),
    },
  ]);
}

const ALL_TASKS = { id: 'task.all', title: 'Lines of all tasks', group: 'Tasks', icon: <ListChecks /> };
