import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CommandExit,
  type CommandOutput,
  type CommandProcess,
  type CommandRequest,
  unstartable,
} from './command-process';
import { identifyPipe } from './nested-output';

interface Pipe {
  source: Socket;
  writeFd: number;
}

type PipeRequest = CommandRequest & { merge: boolean };

/**
 * Starts a command with our stdin and its outputs on pipes. Node's own 'pipe' is a socket pair, on which a command cannot
 * open /dev/stdout or /dev/stderr; a nameless FIFO is a pipe in all. With `merge` both outputs are one pipe, so that
 * their order is exact.
 */
export function startOnPipes(request: PipeRequest): CommandProcess {
  const [out, err = out] = makePipes(request.merge ? 1 : 2);
  if (!out || !err) return startOnSockets(request);
  const captured = { stdout: identifyPipe(out.writeFd) ?? '', stderr: identifyPipe(err.writeFd) ?? '' };
  try {
    const { command, args, environment } = request;
    const child = start(command, args, environment(captured), ['inherit', out.writeFd, err.writeFd]);
    const outputs: CommandOutput[] = [{ stream: 'stdout', source: out.source }];
    if (err !== out) outputs.push({ stream: 'stderr', source: err.source });
    return { outputs, ...observe(child, command) };
  } finally {
    // Ours must not hold the pipe open when the command's is closed.
    closeSync(out.writeFd);
    if (err !== out) closeSync(err.writeFd);
  }
}

/** Where no FIFO can be made (a system without mkfifo, or no folder that can be written): better so than not at all. */
function startOnSockets({ command, args, environment, merge }: PipeRequest): CommandProcess {
  const env = environment({ stdout: '', stderr: '' });
  const child = merge
    ? start('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', command, ...args], env, ['inherit', 'pipe', 'ignore'])
    : start(command, args, env, ['inherit', 'pipe', 'pipe']);
  const outputs: CommandOutput[] = [];
  if (child.stdout) outputs.push({ stream: 'stdout', source: child.stdout });
  if (child.stderr) outputs.push({ stream: 'stderr', source: child.stderr });
  return { outputs, ...observe(child, command) };
}

function start(command: string, args: string[], env: NodeJS.ProcessEnv, stdio: StdioOptions): ChildProcess {
  return spawn(command, args, { stdio, env });
}

function observe(child: ChildProcess, command: string): Pick<CommandProcess, 'exit' | 'kill'> {
  const exit = new Promise<CommandExit>((resolve) => {
    child.once('error', (error) => resolve(unstartable(command, error)));
    child.once('exit', (code, signal) => {
      resolve(signal === null ? { kind: 'code', code: code ?? 1 } : { kind: 'signal', signal });
    });
  });
  return { exit, kill: (signal) => void child.kill(signal) };
}

/** None where one cannot be made. */
function makePipes(count: number): Pipe[] {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'stratal-'));
    const paths = Array.from({ length: count }, (_, index) => join(folder ?? '', String(index)));
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    return paths.map(openPipe);
  } catch {
    return [];
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function openPipe(path: string): Pipe {
  // The reading end first and without blocking: the writing end then opens at once. Only ours is non-blocking.
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  return { source: new Socket({ fd: readFd, readable: true, writable: false }), writeFd };
}
