'use client';

import type { ReactNode } from 'react';
import { describeOutcome } from '@/components/format/outcome';
import { formatCompact, formatCounted } from '@/components/format/quantity';
import { classNames } from '@/components/ui/class-names';
import { Elapsed } from '@/components/ui/time';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { RunStatus } from './run-status';

/** True where the aside has anything to say. */
export function hasAside(run: Run, tasks: readonly TaskRun[]): boolean {
  return tasks.length > 0 || factsOf(run).length > 0;
}

/** Beside the log: the run's tasks, each a filter, and its metadata. */
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
  return (
    <>
      {tasks.length > 0 && (
        <Section title={formatCounted(tasks.length, 'task')}>
          <ul className="flex flex-col gap-px">
            {tasks.map((task) => (
              <li key={task.id}>
                <TaskButton task={task} isChosen={chosen.includes(task.id)} onChoose={() => onChoose(task.id)} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {facts.length > 0 && (
        <Section title="Details">
          <dl className="flex flex-col gap-2 px-2 text-xs">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt className="break-words text-fg-faint">{name}</dt>
                <dd className="whitespace-pre-wrap font-mono text-fg [overflow-wrap:anywhere]">{value}</dd>
              </div>
            ))}
          </dl>
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

/** One attempt of a task; pressed, the log shows its lines alone. */
function TaskButton({ task, isChosen, onChoose }: { task: TaskRun; isChosen: boolean; onChoose: () => void }) {
  const errors = task.level_counts.error;
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      title={describeOutcome(task)}
      className={classNames(
        'flex w-full min-w-0 items-center gap-2 rounded-md px-2 py-1.5 text-left text-13 hover:bg-hover',
        isChosen && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <RunStatus status={task.status} iconOnly />
      <span className="min-w-0 flex-1">
        <span className="block truncate" title={task.task_name}>
          {task.task_name}
        </span>
        <span className="flex gap-1.5 text-2xs text-fg-faint tabular-nums">
          {task.attempt > 1 && <span>attempt {task.attempt}</span>}
          <span>{`${formatCompact(task.line_count)} ${task.line_count === 1 ? 'line' : 'lines'}`}</span>
          {errors > 0 && (
            <span className="text-danger">{`${formatCompact(errors)} ${errors === 1 ? 'error' : 'errors'}`}</span>
          )}
        </span>
      </span>
      {task.status !== 'pending' && (
        <Elapsed from={task.started_at} to={task.finished_at} className="shrink-0 text-fg-muted text-xs tabular-nums" />
      )}
    </button>
  );
}

/** Metadata as names and values; what happened to lines on their way is told here too. */
function factsOf(run: Run): Array<[string, string]> {
  const facts = Object.entries(run.metadata ?? {}).map<[string, string]>(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value, null, 2),
  ]);
  if (run.masked_count > 0) facts.push(['Masked', formatCounted(run.masked_count, 'secret')]);
  if (run.replaced_count > 0) facts.push(['Repaired text', formatCounted(run.replaced_count, 'invalid character')]);
  if (run.pinned) facts.push(['Pinned', 'kept by retention']);
  return facts;
}
