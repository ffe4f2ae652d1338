'use client';

import { useMemo } from 'react';
import type { TaskRun } from '@/lib/protocol/run';
import type { RowOptions } from './log-row';
import type { TimeStyle } from './log-time';
import type { ShownLines } from './shown-lines';
import type { useStructured } from './structured/use-structured';

/** Characters of the column of task names. */
const LABEL_CHARS_MAX = 22;
const LABEL_CHARS_MIN = 6;

/** How a run's rows are shown, as one object that changes only when a choice does, and how wide the tasks' column is. */
export function useRowOptions({
  wrap,
  time,
  startedAt,
  shownLines,
  tasks,
  linkBase,
  onSelect,
  onShowInContext,
  structured: { expansion, onAddTerm, columns },
}: {
  wrap: boolean;
  time: TimeStyle;
  startedAt: string | undefined;
  shownLines: ShownLines;
  tasks: readonly TaskRun[];
  /** Before `#L42`. */
  linkBase: string;
  onSelect: RowOptions['onSelect'];
  onShowInContext: RowOptions['onShowInContext'];
  structured: ReturnType<typeof useStructured>;
}): { options: RowOptions; labelChars: number } {
  const taskNames = useMemo(() => new Map(tasks.map((task) => [task.id, task.task_name])), [tasks]);
  const names = useMemo(() => [...new Set(taskNames.values())], [taskNames]);
  const hasTasks = names.length > 1;
  const longest = names.reduce((most, name) => Math.max(most, name.length), LABEL_CHARS_MIN);
  const options = useMemo<RowOptions>(
    () => ({
      wrap,
      time,
      startedAt,
      previousOf: time === 'delta' ? shownLines.previousOf : undefined,
      anchorOf: (line) => ({ number: line.id, href: `${linkBase}#L${line.id}` }),
      labelOf: hasTasks ? (line) => (line.task_name === undefined ? undefined : { text: line.task_name }) : undefined,
      taskNames: hasTasks ? taskNames : undefined,
      onSelect,
      onShowInContext,
      expansion,
      onAddTerm,
      columns,
    }),
    [
      wrap,
      time,
      startedAt,
      shownLines,
      hasTasks,
      taskNames,
      linkBase,
      onSelect,
      onShowInContext,
      expansion,
      onAddTerm,
      columns,
    ],
  );
  return { options, labelChars: Math.min(longest, LABEL_CHARS_MAX) };
}
