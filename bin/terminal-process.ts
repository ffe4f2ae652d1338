import { fstatSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { isatty, type WriteStream } from 'node:tty';
import type { IPty } from '@lydell/node-pty';
import { z } from 'zod';
import type { CommandExit, CommandProcess, CommandRequest } from './command-process';

const QUEUE_BYTES = 256 * 1024;
const LIFE_CHECK_MS = 50;
/** What a command gets where we have no terminal of our own. */
const COLUMNS = 120;
const ROWS = 40;
const END_OF_FILE = '\x04';

/** What node-pty's terminals have on Unix, besides what its types name: the events of its socket, and its descriptor. */
const unixTerminalSchema = z.looseObject({
  fd: z.number().int(),
  on: z.custom<(event: 'end', listener: () => void) => void>((value) => typeof value === 'function'),
});

/** Starts a command on a terminal of its own. Where our stdin is no terminal, it is the command's stdin all the same. */
export async function startOnTerminal(request: CommandRequest): Promise<CommandProcess> {
  const { spawn } = await import('@lydell/node-pty');
  const isInteractive = isatty(0);
  const stdinPath = isInteractive ? undefined : reopenableStdin();
  const [file, args] =
    stdinPath === undefined
      ? [request.command, request.args]
      : ['/bin/sh', ['-c', 'exec "$@" <"$0"', stdinPath, request.command, ...request.args]];
  const screen = isatty(1) ? process.stdout : undefined;
  const environment = request.environment({ stdout: 'tty', stderr: 'tty' });
  const term = environment.TERM;
  const pty = spawn(file, args, {
    name: term === undefined || term === 'dumb' ? 'xterm-256color' : term,
    cols: screen?.columns || COLUMNS,
    rows: screen?.rows || ROWS,
    cwd: process.cwd(),
    env: environment,
    // Bytes, not text: what the command writes passes through untouched.
    encoding: null,
  });
  const exit = new Promise<CommandExit>((resolve) => {
    pty.onExit(({ exitCode, signal }) => resolve(toExit(exitCode, signal)));
  });
  const source = readOutput(pty);
  const detachStdin = stdinPath === undefined ? forwardStdin(pty, isInteractive) : () => {};
  screen?.on('resize', () => resize(pty, screen));
  void exit.then(() => {
    detachStdin();
    source.push(null);
  });
  return { outputs: [{ stream: 'stdout', source }], exit, kill: (signal) => pty.kill(signal) };
}

/** Our stdin under a name that the command can open; undefined for sockets and where there is no /proc. */
function reopenableStdin(): string | undefined {
  try {
    const isSocket = fstatSync(0).isSocket();
    return isSocket || process.platform !== 'linux' ? undefined : `/proc/${process.pid}/fd/0`;
  } catch {
    return '/dev/null';
  }
}

/**
 * The terminal's output with back-pressure. node-pty throws away what is unread 200 ms after the command's end, so a
 * paused one is looked at more often than that, and read to its end when the command is gone.
 */
function readOutput(pty: IPty): Readable {
  let check: NodeJS.Timeout | undefined;
  const resume = () => {
    clearInterval(check);
    check = undefined;
    pty.resume();
  };
  const source = new Readable({
    highWaterMark: QUEUE_BYTES,
    read: resume,
    destroy(error, callback) {
      clearInterval(check);
      pty.kill('SIGHUP');
      callback(error);
    },
  });
  pty.onData((data: unknown) => {
    const hasRoom = source.push(Buffer.isBuffer(data) ? data : Buffer.from(String(data)));
    if (hasRoom || check !== undefined || !isAlive(pty.pid)) return;
    pty.pause();
    check = setInterval(() => {
      if (!isAlive(pty.pid)) resume();
    }, LIFE_CHECK_MS);
  });
  const { fd, on } = unixTerminalSchema.parse(pty);
  on.call(pty, 'end', () => {
    for (const rest of readRest(fd)) source.push(rest);
  });
  return source;
}

/**
 * What libuv left in a terminal whose command has ended: it takes a read that did not fill its buffer for the last one, but
 * a terminal gives at most 4 KiB at a time.
 */
function* readRest(fd: number): Generator<Buffer> {
  for (;;) {
    const block = Buffer.allocUnsafe(QUEUE_BYTES);
    try {
      const length = readSync(fd, block, 0, block.length, null);
      if (length === 0) return;
      yield block.subarray(0, length);
    } catch {
      // EIO: all of it was read.
      return;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Keys go to the command's terminal, which makes its signals of them: ours is in raw mode meanwhile. */
function forwardStdin(pty: IPty, isInteractive: boolean): () => void {
  const { stdin } = process;
  if (isInteractive) stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', (text: string) => pty.write(text));
  stdin.on('end', () => pty.write(END_OF_FILE));
  return () => {
    if (isInteractive) stdin.setRawMode(false);
    stdin.removeAllListeners('data').removeAllListeners('end').pause();
  };
}

function resize(pty: IPty, screen: WriteStream): void {
  const { columns, rows } = screen;
  if (columns > 0 && rows > 0) pty.resize(columns, rows);
}

function toExit(code: number, signalNumber: number | undefined): CommandExit {
  if (signalNumber === undefined || signalNumber === 0) return { kind: 'code', code };
  const signal = signalName(signalNumber);
  return signal === undefined ? { kind: 'code', code: 128 + signalNumber } : { kind: 'signal', signal };
}

function signalName(number: number): NodeJS.Signals | undefined {
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  return names.find((name) => constants.signals[name] === number);
}
