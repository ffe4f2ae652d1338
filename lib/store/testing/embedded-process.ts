import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { ServiceUser } from '@/lib/store/embedded/service-user';

const connectionSchema = z.object({
  host: z.string(),
  port: z.number(),
  path: z.string(),
  database: z.string(),
  username: z.string(),
});

/** An embedded Postgres whose server is a child process. */
export interface EmbeddedProcess {
  child: ChildProcess;
  /** Rejects, with what it said, if the process ends before Postgres is up. */
  connection: Promise<z.infer<typeof connectionSchema>>;
  /** What it has written to stderr so far. */
  said(): string;
  /** Sends the signal and waits for the process's end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts one on the folder, as another account where one is given. */
export function startEmbeddedProcess(dataDir: string, user?: ServiceUser): EmbeddedProcess {
  const script = fileURLToPath(new URL('./embedded-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    ...user,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const ended = once(child, 'close');
  const failed = ended.then(() => {
    throw new Error(`The embedded Postgres' process ended: ${text}`);
  });
  const connection = Promise.race([
    failed,
    once(createInterface(child.stdout), 'line').then(([line]) => connectionSchema.parse(JSON.parse(String(line)))),
  ]);
  connection.catch(() => {});
  return {
    child,
    connection,
    said: () => text,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}
