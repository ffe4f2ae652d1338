import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A server under measurement, in a process of its own. */
export interface ServerProcess {
  url: string;
  port: number;
  pid: number;
  /** Holds its data; for Stratal the embedded Postgres' socket lies here. */
  folder: string;
  stop(): Promise<void>;
}

const READY = /(http:\/\/localhost:(\d+))/;

/** The built server with an embedded database in a folder of its own; `extra` is environment. Build first: `npm run build`. */
export async function startStratal(
  extra: Record<string, string> = {},
  nodeArguments: string[] = [],
): Promise<ServerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stratal-bench-'));
  await chmod(folder, 0o755);
  const env = { PORT: '0', STRATAL_DATA_DIR: path.join(folder, 'data'), STRATAL_SAMPLE: 'off' };
  return start([...nodeArguments, 'dist/server.mjs'], { ...env, ...extra, NODE_ENV: 'production' }, folder);
}

/** A `ws` server that sends each line to each reader by itself: what one would write first. */
export async function startBareServer(): Promise<ServerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bare-bench-'));
  return start(['--import', 'tsx', 'bench/bare-ws-server.ts'], {}, folder);
}

async function start(args: string[], env: Record<string, string>, folder: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [, url = '', port = ''] = await firstMatch(child, READY);
  return {
    url,
    port: Number(port),
    pid: child.pid ?? 0,
    folder,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function firstMatch(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (data: Buffer) => {
      output += data.toString();
      const match = pattern.exec(output);
      if (match) resolve(match);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
}
