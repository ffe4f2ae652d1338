import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { IngestServer } from '@/lib/logger/testing/ingest-server';
import { makeTemporaryFolder } from '@/lib/logger/testing/temporary-folder';

const LAUNCHER = join(import.meta.dirname, '..', 'stratal.mjs');

interface CommandResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

/** As for spawn; `env` is added to the bench's environment, `program` is another file than the clone's launcher. */
export type CommandOptions = Omit<SpawnOptions, 'env'> & { env?: Record<string, string>; program?: string };

/** A `stratal` that runs. */
export interface RunningCommand {
  child: ChildProcess;
  result: Promise<CommandResult>;
  /** Resolves when stdout holds the text. */
  sees(text: string): Promise<void>;
}

export interface CommandBench {
  server: IngestServer;
  spool: string;
  start(args: string[], options?: CommandOptions): RunningCommand;
  run(args: string[], options?: CommandOptions): Promise<CommandResult>;
  environment: NodeJS.ProcessEnv;
}

/** The real command as a process of its own, with a spool and a server of its own. */
export async function makeCommandBench(context: TestContext): Promise<CommandBench> {
  const server = await IngestServer.start();
  context.after(() => server.stop());
  const spool = makeTemporaryFolder(context);
  const { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, NODE_OPTIONS, NODE_TEST_CONTEXT, ...inherited } = process.env;
  const environment = { ...inherited, STRATAL_URL: server.url, STRATAL_SPOOL_DIR: spool };
  const start = (args: string[], options?: CommandOptions) => startStratal(context, environment, args, options);
  return { server, spool, environment, start, run: (args, options) => start(args, options).result };
}

/** The real command; it is killed at the test's end, should it still run. */
export function startStratal(
  context: TestContext,
  environment: NodeJS.ProcessEnv,
  args: string[],
  { program = LAUNCHER, ...options }: CommandOptions = {},
): RunningCommand {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...environment, ...options.env },
  });
  context.after(() => child.kill('SIGKILL'));
  return observe(child);
}

function observe(child: ChildProcess): RunningCommand {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const watchers = new Set<() => void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    for (const watcher of watchers) watcher();
  });
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
    });
  });
  const sees = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!Buffer.concat(stdout).includes(text)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  return { child, result, sees };
}
