import type { Command } from 'commander';
import { readCliConfig } from '@/lib/config/cli';
import { USAGE_EXIT_CODE } from './usage-exit-code';

/** Adds `stratal logs` to the program. What it runs with is loaded when it runs: other commands start without. */
export function addLogsCommand(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('logs')
    .description('print the lines of a run')
    .argument('<run>', "the run's id, or the address of its page")
    .option('-f, --follow', 'go on with new lines until the run ends')
    .option('--tail <count>', 'begin with the newest lines, so many that pass the filter')
    .option('--after <line>', 'begin behind this line')
    .option('--lines <range>', 'these lines alone, such as 120-134')
    .option('--level <levels>', 'of info, warn, error, debug, with commas between', collect)
    .option('--stream <streams>', 'of stdout, stderr, system, with commas between', collect)
    .option('--task <names>', 'lines of tasks of these names', collect)
    .option('--task-run <ids>', 'lines of these task runs', collect)
    .option('--attempt <numbers>', 'lines of these attempts of tasks', collect)
    .option('--from <time>', 'lines from this time on (RFC 3339)', collect)
    .option('--to <time>', 'lines before this time', collect)
    .option('--q <terms>', 'lines with all terms: word, "two words", -without, /regex/, name:value', collect)
    .option('--case', 'a and A differ in --q')
    .option('--timestamps', "put each line's time before it")
    .option('--numbers', "put each line's number before it")
    .option('--json', 'one JSON object a line, as the API has it')
    .option('--no-color', 'take colours and other escape sequences out')
    .action(async (run: string, options: unknown, command: Command) => {
      const { parseLogsRequest } = await import('./logs-request');
      const request = parseLogsRequest(run, options);
      if (typeof request === 'string') return command.error(`error: ${request}`, { exitCode: USAGE_EXIT_CODE });
      const { printLogs } = await import('./logs-command');
      setExitCode(await printLogs(request, readCliConfig()));
    });
}

/** An option that is given again adds to what it was given before. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
