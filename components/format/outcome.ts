import type { Status } from '@/lib/protocol/run';

/** What ended a process, as words for a reader who does not know the numbers (signal(7)). */
const SIGNAL_WORDS = new Map(
  Object.entries({
    SIGHUP: 'terminal closed',
    SIGINT: 'interrupted',
    SIGQUIT: 'quit',
    SIGILL: 'illegal instruction',
    SIGTRAP: 'trap',
    SIGABRT: 'aborted',
    SIGBUS: 'bus error',
    SIGFPE: 'arithmetic error',
    SIGKILL: 'killed, often out of memory',
    SIGUSR1: 'user signal 1',
    SIGSEGV: 'segmentation fault',
    SIGUSR2: 'user signal 2',
    SIGPIPE: 'broken pipe',
    SIGALRM: 'alarm',
    SIGTERM: 'terminated',
    SIGXCPU: 'CPU limit reached',
    SIGXFSZ: 'file size limit reached',
  }),
);

/** Numbers of the signals that shells report as 128 + number, the same on Linux and macOS. */
const SIGNAL_NUMBERS: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

const EXIT_WORDS: Record<number, string> = {
  126: 'not executable',
  127: 'command not found',
};

/** A signal with its meaning: `SIGKILL, killed`; one we do not know stands alone. */
export function describeSignal(signal: string): string {
  const words = SIGNAL_WORDS.get(signal);
  return words === undefined ? signal : `${signal}, ${words}`;
}

/** An exit code with what shells mean by it: `exit code 137 (SIGKILL, killed)`. */
export function describeExitCode(code: number): string {
  const signal = SIGNAL_NUMBERS[code - 128];
  const words = EXIT_WORDS[code] ?? (signal === undefined ? undefined : describeSignal(signal));
  return words === undefined ? `exit code ${code}` : `exit code ${code} (${words})`;
}

/** How a run or task ended beyond its status, or undefined where nothing is known or all went well. */
export function describeOutcome(run: {
  status: Status;
  exit_code?: number | undefined;
  signal?: string | undefined;
}): string | undefined {
  if (run.signal !== undefined) return describeSignal(run.signal);
  if (run.exit_code !== undefined) return describeExitCode(run.exit_code);
  return run.status === 'lost' ? 'its producer fell silent' : undefined;
}
