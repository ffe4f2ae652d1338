import type { Row, RowList } from '@/components/log-viewer/rows/row';
import type { RowInput } from '@/components/log-viewer/rows/row-input';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';

type Part = Partial<LogMessage> & { message: string };

const START_MS = Date.parse('2026-01-01T00:00:00Z');

/** Consecutive lines, one second apart. */
export function linesOf(parts: ReadonlyArray<string | Part>, firstId = 1): LogMessage[] {
  return parts.map((part, index) => ({
    id: firstId + index,
    job_run_id: 'run',
    timestamp: new Date(START_MS + (firstId + index) * 1000).toISOString(),
    level: 'info',
    stream: 'stdout',
    ...(typeof part === 'string' ? { message: part } : part),
  }));
}

/** All lines of a run that is over and that was over when it was opened. */
export function inputOf(lines: readonly LogMessage[], change: Partial<RowInput> = {}): RowInput {
  return {
    lines,
    isWhole: true,
    isGapless: true,
    atNewest: true,
    newest: lines.at(-1)?.id ?? 0,
    known: [],
    hasOlder: false,
    wasOver: true,
    isOver: true,
    isFollowing: false,
    superseded: new Map(),
    foldRepeats: false,
    selection: undefined,
    goal: undefined,
    ...change,
  };
}

export function attemptOf(id: string, attempt: number, task_name = 'build'): TaskRun {
  const level_counts = { info: 0, warn: 0, error: 0, debug: 0 };
  return { id, job_run_id: 'run', task_name, attempt, status: 'failed', line_count: 0, level_counts };
}

/** Rows as text: two spaces a level, `>` closed, `v` open. */
export function drawn({ items }: RowList): string[] {
  return items.map((row) => `${'  '.repeat(row.depth)}${drawnRow(row)}`);
}

function drawnRow(row: Row): string {
  if (row.kind === 'line') return row.line.message;
  const arrow = row.isOpen ? 'v' : '>';
  if (row.kind === 'repeat') return `${arrow} ${row.line.message} × ${row.count}`;
  const counts = `${row.isPartial ? '≥' : ''}${row.lines} lines, ${row.errors} errors, ${row.warnings} warnings`;
  if (row.kind === 'attempt') return `${arrow} ${row.task} ${row.attempt}: ${counts}`;
  return `${arrow} ${row.title}: ${counts}, ${row.durationMs / 1000} s${row.isComplete ? '' : ', running'}`;
}
