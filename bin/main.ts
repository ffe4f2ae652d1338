import { Command, CommanderError } from 'commander';
import { readCliConfig } from '@/lib/config/cli';
import { isStratalError } from '@/lib/errors/stratal-error';
import { version } from '@/package.json';
import { type CheckOptions, type FindProgram, runCheck } from './check-command';
import { flushSpools } from './flush-command';
import { addLogsCommand } from './logs-options';
import { runCommand } from './run-command';
import { parseRunRequest } from './run-request';
import { USAGE_EXIT_CODE } from './usage-exit-code';

/** What the launcher knows of the installation. */
export interface Installation {
  findCheck: FindProgram;
}

/** The `stratal` command: runs it with these arguments and ends the process with its exit code. */
export async function main(args: readonly string[], installation: Installation): Promise<void> {
  let exitCode = 0;
  const program = buildProgram(installation, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = reportFailure(error);
  }
  process.exit(exitCode);
}

function buildProgram({ findCheck }: Installation, setExitCode: (code: number) => void): Command {
  const program = new Command('stratal')
    .description('Live logs for job runs.')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError('(stratal --help explains)')
    .exitOverride();
  program
    .command('run')
    .description('run a command and send its output to Stratal')
    .usage('[options] -- command [arguments…]')
    .argument('[command...]', 'the command and its arguments')
    .option('--name <name>', "the run's job name (default: the command's base name)")
    .option('--id <id>', 'the id of the new run (default: a new UUIDv7)')
    .option('--task <name>', 'make the lines those of a task of that name')
    .option('--job-run <id>', 'join an existing run as a task instead of making one')
    .option('--triggered-by <name>', 'who or what started the run (default: your user name)')
    .option('--merge', 'one pipe for stdout and stderr: their order is exact, all is stdout')
    .option('--tty', 'run the command on a terminal of its own')
    .option('--wait <seconds>', 'how long to wait for the server after the command (default: 30)')
    .passThroughOptions()
    .action(async (words: string[], options: unknown, command: Command) => {
      const request = parseRunRequest(options, words);
      if (typeof request === 'string') return command.error(`error: ${request}`, { exitCode: USAGE_EXIT_CODE });
      setExitCode(await runCommand(request, readCliConfig()));
    });
  addLogsCommand(program, setExitCode);
  program
    .command('flush')
    .description('deliver the lines that earlier commands could not')
    .option('--wait <seconds>', 'how long to try', '30')
    .action(async (options: { wait: string }, command: Command) => {
      const seconds = Number(options.wait);
      if (!(seconds >= 0))
        return command.error('error: --wait must be a number of seconds', { exitCode: USAGE_EXIT_CODE });
      setExitCode(await flushSpools(seconds * 1000, readCliConfig()));
    });
  program
    .command('check')
    .description('compare all that the store of a server holds, and say what differs')
    .option('--json', 'one JSON object a line: what differs, then a summary')
    .option('--new-epoch', 'after a data folder or a dump was put back: tell readers to begin anew')
    .option('--force', 'with --new-epoch: also where servers are connected')
    .action(async (options: CheckOptions) => setExitCode(await runCheck(options, findCheck)));
  program
    .command('version')
    .description('print the version')
    .action(() => console.log(version));
  return program;
}

/** Says what went wrong, where commander has not said it, and returns the exit code. */
function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  if (isStratalError(error)) {
    console.error(`stratal: ${error.message}`);
    return USAGE_EXIT_CODE;
  }
  console.error('stratal:', error);
  return 1;
}
