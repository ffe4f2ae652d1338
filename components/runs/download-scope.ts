import { formatBytes, formatCount, formatCounted } from '@/components/format/quantity';
import { aroundParameters } from '@/components/log-viewer/around';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LinesAround } from '@/lib/protocol/lines-around';
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

/** What there is to save: the whole run, and where they apply what the filter shows and the chosen lines. */
export function downloadScopes(
  run: Run,
  {
    filter,
    around,
    matching,
    selection,
  }: {
    filter: FilterParameters;
    /** What is shown with the lines that pass the filter. */
    around: LinesAround | undefined;
    /** Lines that pass the filter; null where only reading them would tell, undefined while it is asked. */
    matching: number | null | undefined;
    selection: LineSelection | undefined;
  },
): DownloadScope[] {
  const scopes: DownloadScope[] = [
    { key: 'run', label: 'Whole run', size: formatBytes(run.byte_count), parameters: {} },
  ];
  if (Object.keys(filter).length > 0) {
    scopes.push({
      key: 'filter',
      label: filterLabel(around),
      size: filterSize(matching, around),
      parameters: filterDownload(filter, around),
    });
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

/** The download's parameters for what a filter shows. */
export function filterDownload(filter: FilterParameters, around: LinesAround | undefined): Record<string, string> {
  const { context, traces } = aroundParameters(around);
  return { ...filter, ...(context && { context: String(context) }), ...(traces && { traces: 'true' }) };
}

function filterLabel(around: LinesAround | undefined): string {
  if (around?.kind === 'context') return `Matching lines ± ${around.lines}`;
  return around ? 'Matching lines with traces' : 'Matching lines';
}

/** What comes with matches is not counted beforehand, so then they are told alone. */
function filterSize(matching: number | null | undefined, around: LinesAround | undefined): string {
  if (matching === undefined) return '…';
  if (matching === null) return 'of the filter';
  return around && matching > 0 ? formatCounted(matching, 'match', 'matches') : formatCounted(matching, 'line');
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
