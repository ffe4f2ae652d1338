import type { Readable } from 'node:stream';
import type { CapturedOutputs } from './nested-output';

/** How a command ended. */
export type CommandExit =
  | { kind: 'code'; code: number }
  | { kind: 'signal'; signal: NodeJS.Signals }
  /** It never ran: there is no such file (exit 127), or it cannot be executed (126). */
  | { kind: 'unstartable'; code: 126 | 127; reason: string };

/** One output of a command. */
export interface CommandOutput {
  stream: 'stdout' | 'stderr';
  /** Its bytes, as Buffers. Destroying it closes the command's pipe, as a reader that goes away does. */
  source: Readable;
}

/** A running command, on pipes or on a terminal. */
export interface CommandProcess {
  outputs: CommandOutput[];
  exit: Promise<CommandExit>;
  kill(signal: NodeJS.Signals): void;
}

export interface CommandRequest {
  command: string;
  args: string[];
  /** The command's environment, which tells it where its outputs are captured. */
  environment: (outputs: CapturedOutputs) => NodeJS.ProcessEnv;
}

/** Exit codes as shells give them: the command's own, 128 + n for signal n, 127 and 126. */
export function exitCodeOf(exit: CommandExit, signalNumbers: Record<string, number>): number {
  if (exit.kind === 'signal') return 128 + (signalNumbers[exit.signal] ?? 0);
  return exit.code;
}

export function unstartable(command: string, error: NodeJS.ErrnoException): CommandExit {
  if (error.code === 'ENOENT') return { kind: 'unstartable', code: 127, reason: `${command}: command not found` };
  const reason = error.code === 'EACCES' ? 'permission denied' : error.message;
  return { kind: 'unstartable', code: 126, reason: `${command}: ${reason}` };
}
