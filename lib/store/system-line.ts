import type { LineInput } from './line-batch';
import type { FinishInput } from './store';

function systemLine(message: string, level: LineInput['level'], timeUs: number): LineInput {
  return { timeUs, level, stream: 'system', message, task: undefined, continues: false, attributes: undefined };
}

/** Line 1 of a run made by POST /job-runs. */
export function startedLine(timeUs: number): LineInput {
  return systemLine('Job run started', 'info', timeUs);
}

/** The line that says how a run ended, in words. */
export function finishedLine(finish: FinishInput, timeUs: number): LineInput {
  switch (finish.status) {
    case 'completed':
      return systemLine(`Job run completed${exitWords(finish)}`, 'info', timeUs);
    case 'failed':
      return systemLine(`Job run failed${exitWords(finish)}`, 'error', timeUs);
    case 'canceled':
      return systemLine(`Job run canceled${exitWords(finish)}`, 'warn', timeUs);
  }
}

function exitWords({ exitCode, signal }: FinishInput): string {
  if (signal === 'SIGKILL') return ': killed by SIGKILL, often because it ran out of memory';
  if (signal !== undefined) return `: ended by ${signal}`;
  return exitCode === undefined ? '' : ` with exit code ${exitCode}`;
}
