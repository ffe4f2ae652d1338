'use client';

import { memo, useMemo } from 'react';
import { elapsedMs, formatDuration } from '@/components/format/duration';
import { describeOutcome } from '@/components/format/outcome';
import { formatCompact, formatCounted } from '@/components/format/quantity';
import { classNames } from '@/components/ui/class-names';
import { useNow } from '@/components/ui/now';
import { useRenderedAt } from '@/components/ui/rendered-at';
import { Elapsed } from '@/components/ui/time';
import type { Run, Status, TaskRun } from '@/lib/protocol/run';
import { endedAt } from './ended-at';
import { RunStatus, STATUS_LOOKS } from './run-status';
import { type Bar, barOf, groupAttempts, timeAxis } from './timeline';
import { useFirst } from './use-first';

const BAR_COLORS: Record<Status, string> = {
  pending: 'bg-edge-strong',
  running: 'bg-accent',
  completed: 'bg-success',
  failed: 'bg-danger',
  canceled: 'bg-fg-faint',
  lost: 'bg-lost',
};

const SHOWN_TASKS = 200;

/** A run's tasks on its time axis, each attempt a bar and a button: pressed, the log shows its lines alone. */
export function TaskTimeline({
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
  // A task that nobody ended is over with its run.
  const runEnd = endedAt(run);
  const renderedAt = useRenderedAt();
  const ticking = useNow(1000, runEnd === undefined) ?? renderedAt;
  const now = runEnd === undefined ? ticking : Date.parse(runEnd);
  const groups = useMemo(() => groupAttempts(tasks), [tasks]);
  const { shown, more } = useFirst(groups, SHOWN_TASKS, 'tasks');
  const axis = timeAxis(run, tasks, now);

  return (
    <>
      {axis && (
        <p aria-hidden className="flex justify-between px-2 pb-1 text-2xs text-fg-faint tabular-nums">
          <span>0s</span>
          <span>{formatDuration(axis.to - axis.from)}</span>
        </p>
      )}
      <ul className="flex flex-col gap-px">
        {shown.map(({ name, attempts }) => (
          <li key={name}>
            {attempts.map((task, index) => {
              const bar = axis && barOf(task, axis, now);
              return (
                <AttemptButton
                  key={task.id}
                  task={task}
                  end={task.finished_at ?? runEnd}
                  offset={elapsedMs(run.started_at, task.started_at && Date.parse(task.started_at))}
                  isSuperseded={index < attempts.length - 1}
                  hasOthers={attempts.length > 1}
                  left={bar?.left}
                  width={bar?.width}
                  isChosen={chosen.includes(task.id)}
                  onChoose={onChoose}
                />
              );
            })}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

/** One attempt. Its bar comes as two numbers, so that an attempt that is over is not rendered at every tick. */
const AttemptButton = memo(function AttemptButton({
  task,
  end,
  offset,
  isSuperseded,
  hasOthers,
  left,
  width,
  isChosen,
  onChoose,
}: {
  task: TaskRun;
  /** Undefined while it goes on. */
  end: string | undefined;
  /** Milliseconds from the run's start to its own. */
  offset: number | undefined;
  /** A later attempt counts instead. */
  isSuperseded: boolean;
  hasOthers: boolean;
  isChosen: boolean;
  onChoose: (task: string) => void;
} & Partial<Bar>) {
  const errors = task.level_counts.error;
  const outcome = describeOutcome(task);
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      data-task={task.id}
      onClick={() => onChoose(task.id)}
      title={[STATUS_LOOKS[task.status].text, outcome].filter(Boolean).join(', ')}
      className={classNames(
        'block w-full min-w-0 rounded-md px-2 py-1 text-left text-13 hover:bg-hover',
        isSuperseded && 'text-fg-faint',
        isChosen && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <span className="flex items-center gap-2">
        <RunStatus status={task.status} iconOnly className={isSuperseded ? 'text-fg-faint' : undefined} />
        <span className="min-w-0 flex-1 truncate" title={task.task_name}>
          {task.task_name}
          {hasOthers && <span className="text-2xs text-fg-faint">{` attempt ${task.attempt}`}</span>}
        </span>
        {isSuperseded && <span className="sr-only">superseded</span>}
        {task.status !== 'pending' && (
          <Elapsed from={task.started_at} to={end} className="shrink-0 text-fg-muted text-xs tabular-nums" />
        )}
      </span>
      <span aria-hidden className="mt-1 mb-0.5 block h-1 rounded-full bg-hover">
        {left !== undefined && width !== undefined && (
          <span
            data-bar
            className={classNames('block h-1 rounded-full', BAR_COLORS[task.status], isSuperseded && 'opacity-40')}
            style={{ marginLeft: `${left}%`, width: `${width}%` }}
          />
        )}
      </span>
      <span className="flex gap-1.5 text-2xs text-fg-faint tabular-nums">
        <span>{`${formatCompact(task.line_count)} ${task.line_count === 1 ? 'line' : 'lines'}`}</span>
        {errors > 0 && (
          <span className={isSuperseded ? undefined : 'text-danger'}>{formatCounted(errors, 'error')}</span>
        )}
        {offset !== undefined && (
          <span className="ml-auto" title="After the start of the run">
            {`+${formatDuration(offset)}`}
            <span className="sr-only"> after the start of the run</span>
          </span>
        )}
      </span>
    </button>
  );
});
