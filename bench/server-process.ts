import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nodeArguments as startArguments } from '@/scripts/node-arguments.mjs';

/** A server under measurement, in a process of its own. */
export interface ServerProcess {
  url: string;
  port: number;
  pid: number;
  /** Holds its data; for Stratal the embedded Postgres' socket lies here. */
  folder: string;
  /** Where Node's inspector listens, if it was asked to. */
  inspectorUrl: string | undefined;
  /** Stops it and leaves its data. */
  halt(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

const READY = /(http:\/\/localhost:(\d+))/;
const INSPECTOR = /ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/;

export interface StratalOptions {
  env?: Record<string, string>;
  /** Node's own, such as `--inspect=127.0.0.1:0`. */
  nodeArguments?: string[];
  /** A folder that an earlier server was halted on. */
  folder?: string;
}

/** The built server as `npm start` starts it, with an embedded database in a folder of its own. Build first: `npm run build`. */
export async function startStratal({ env, nodeArguments = [], folder }: StratalOptions = {}): Promise<ServerProcess> {
  const home = folder ?? (await mkdtemp(path.join(tmpdir(), 'stratal-bench-')));
  await chmod(home, 0o755);
  const base = { PORT: '0', STRATAL_DATA_DIR: path.join(home, 'data'), STRATAL_SAMPLE: 'off', NODE_ENV: 'production' };
  return start([...startArguments(), ...nodeArguments, 'dist/server.mjs'], { ...base, ...env }, home);
}

export interface BareOptions {
  /** Node's own. */
  nodeArguments?: string[];
  /** The folder of a Postgres' socket: lines are committed there before they are sent. */
  socketFolder?: string;
}

/** A `ws` server that sends each line to each reader by itself: what one would write first. */
export async function startBareServer({ nodeArguments = [], socketFolder }: BareOptions = {}): Promise<ServerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bare-bench-'));
  const own = socketFolder === undefined ? [] : [socketFolder];
  return start([...nodeArguments, '--import', 'tsx', 'bench/bare-ws-server.ts', ...own], {}, folder);
}

async function start(args: string[], env: Record<string, string>, folder: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = await outputUntil(child, READY);
  const [, url = '', port = ''] = READY.exec(output) ?? [];
  const halt = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  return {
    url,
    port: Number(port),
    pid: child.pid ?? 0,
    folder,
    inspectorUrl: INSPECTOR.exec(output)?.[0],
    halt,
    stop: async () => {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function outputUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (data: Buffer) => {
      output += data.toString();
      if (pattern.test(output)) resolve(output);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
}
