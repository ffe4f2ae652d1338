import { formatBytes, formatCount, formatCounted } from '@/components/format/quantity';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { Run, TaskRun } from '@/lib/protocol/run';

/** Lines of a run that a reader has chosen, both inclusive. */
export interface LineSelection {
  first: number;
  last: number;
}

/** A part of a log that can be saved. */
export interface DownloadScope {
  key: string;
  label: string;
  /** How much that is, as far as it is known beforehand. */
  size: string;
  /** The download's parameters that name it. */
  parameters: Readonly<Record<string, string>>;
}

/** What there is to save: the whole run, and where they apply the lines that match the filter (alone: without their traces or context) and the chosen lines. */
export function downloadScopes(
  run: Run,
  {
    filter,
    matching,
    selection,
  }: {
    filter: FilterParameters;
    /** Lines that pass the filter; null where only reading them would tell, undefined while it is asked. */
    matching: number | null | undefined;
    selection: LineSelection | undefined;
  },
): DownloadScope[] {
  const scopes: DownloadScope[] = [
    { key: 'run', label: 'Whole run', size: formatBytes(run.byte_count), parameters: {} },
  ];
  if (Object.keys(filter).length > 0) {
    const size = matching === undefined ? '…' : matching === null ? 'of the filter' : formatCounted(matching, 'line');
    scopes.push({ key: 'filter', label: 'Matching lines', size, parameters: { ...filter } });
  }
  if (selection) {
    const { first, last } = selection;
    scopes.push({
      key: 'lines',
      label: first === last ? `Line ${formatCount(first)}` : `Lines ${formatCount(first)}–${formatCount(last)}`,
      size: formatCounted(last - first + 1, 'line'),
      parameters: { lines: first === last ? String(first) : `${first}-${last}` },
    });
  }
  return scopes;
}

/** One attempt of a task as a part that can be saved. */
export function taskScope(task: TaskRun): DownloadScope {
  return {
    key: `task ${task.id}`,
    label: task.attempt > 1 ? `${task.task_name}, attempt ${task.attempt}` : task.task_name,
    size: formatCounted(task.line_count, 'line'),
    parameters: { task_run_id: task.id },
  };
}
