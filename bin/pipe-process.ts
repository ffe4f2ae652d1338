import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandExit, type CommandProcess, type CommandRequest, unstartable } from './command-process';
import { identifyPipe } from './nested-output';

interface Pipe {
  source: Socket;
  writeFd: number;
}

/**
 * Starts a command with our stdin and its outputs on pipes. Node's own 'pipe' is a socket pair, on which a command cannot
 * open /dev/stdout or /dev/stderr; a nameless FIFO is a pipe in all. With `merge` both outputs are one pipe, so that
 * their order is exact.
 */
export function startOnPipes(request: CommandRequest & { merge: boolean }): CommandProcess {
  const [out, err = out] = makePipes(request.merge ? 1 : 2);
  if (!out || !err) throw new Error('no pipe');
  const child = spawn(request.command, request.args, {
    stdio: ['inherit', out.writeFd, err.writeFd],
    env: request.environment({ stdout: identifyPipe(out.writeFd) ?? '', stderr: identifyPipe(err.writeFd) ?? '' }),
  });
  const exit = new Promise<CommandExit>((resolve) => {
    child.once('error', (error) => resolve(unstartable(request.command, error)));
    child.once('exit', (code, signal) => {
      resolve(signal === null ? { kind: 'code', code: code ?? 1 } : { kind: 'signal', signal });
    });
  });
  closeSync(out.writeFd);
  if (err !== out) closeSync(err.writeFd);
  return {
    outputs:
      err === out
        ? [{ stream: 'stdout', source: out.source }]
        : [
            { stream: 'stdout', source: out.source },
            { stream: 'stderr', source: err.source },
          ],
    exit,
    kill: (signal) => void child.kill(signal),
  };
}

function makePipes(count: number): Pipe[] {
  const folder = mkdtempSync(join(tmpdir(), 'stratal-'));
  try {
    const paths = Array.from({ length: count }, (_, index) => join(folder, String(index)));
    execFileSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    return paths.map(openPipe);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openPipe(path: string): Pipe {
  // The reading end first and without blocking: the writing end then opens at once. Only ours is non-blocking.
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  return { source: new Socket({ fd: readFd, readable: true, writable: false }), writeFd };
}
