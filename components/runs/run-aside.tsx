'use client';

import { type ReactNode, useMemo } from 'react';
import { formatCounted } from '@/components/format/quantity';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { factsOf, RunFacts } from './run-facts';
import { TaskTimeline } from './task-timeline';
import { groupAttempts } from './timeline';

/** True where the aside has anything to say. */
export function hasAside(run: Run, tasks: readonly TaskRun[]): boolean {
  return tasks.length > 0 || factsOf(run).length > 0;
}

/** Beside the log: the run's tasks over time, each a filter, and its metadata. */
export function RunAside({
  run,
  tasks,
  chosen,
  onChoose,
}: {
  run: Run;
  tasks: readonly TaskRun[];
  /** Ids of the tasks that the log is filtered by. */
  chosen: readonly string[];
  onChoose: (task: string) => void;
}) {
  const facts = factsOf(run);
  const taskCount = useMemo(() => groupAttempts(tasks).length, [tasks]);
  return (
    <>
      {tasks.length > 0 && (
        <Section title={formatCounted(taskCount, 'task')}>
          <TaskTimeline run={run} tasks={tasks} chosen={chosen} onChoose={onChoose} />
        </Section>
      )}
      {facts.length > 0 && (
        <Section title="Details">
          <RunFacts facts={facts} />
        </Section>
      )}
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="p-2">
      <h2 className="px-2 pt-1 pb-1.5 text-fg-faint text-xs">{title}</h2>
      {children}
    </section>
  );
}
