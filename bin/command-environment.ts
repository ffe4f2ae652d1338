/** What the command finds in its environment besides ours. */
export interface CommandContext {
  url: string;
  jobRunId: string;
  taskRunId?: string | undefined;
  /** The outputs are pipes, on which programs show no colours of themselves. */
  onPipes: boolean;
  /** How a `stratal run --job-run` inside the command knows that its output is captured already. */
  capture: string;
}

/**
 * The environment of a command: ours, with STRATAL_URL, STRATAL_JOB_RUN and STRATAL_TASK_RUN, so that it can join this run.
 * On pipes colours are asked for (FORCE_COLOR, CLICOLOR_FORCE) unless NO_COLOR is set (no-color.org) or the user said otherwise.
 */
export function commandEnvironment(environment: NodeJS.ProcessEnv, context: CommandContext): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = {
    ...environment,
    STRATAL_URL: context.url,
    STRATAL_JOB_RUN: context.jobRunId,
    STRATAL_CAPTURE: context.capture,
  };
  delete result.STRATAL_TASK_RUN;
  if (context.taskRunId !== undefined) result.STRATAL_TASK_RUN = context.taskRunId;
  const saysSo = environment.NO_COLOR || environment.FORCE_COLOR !== undefined;
  if (context.onPipes && !saysSo) {
    result.FORCE_COLOR = '1';
    result.CLICOLOR_FORCE = environment.CLICOLOR_FORCE ?? '1';
  }
  return result;
}
