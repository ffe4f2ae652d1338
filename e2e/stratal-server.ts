import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const READY_WAIT_MS = 60_000;

export interface StartOptions {
  /** Environment of the server besides PORT and STRATAL_DATA_DIR. */
  env?: Record<string, string>;
  /** Another bundle of the server than the built one. */
  bundle?: string;
  /** An existing folder for its data, which the user that Postgres runs as can pass; without it a temporary one. */
  folder?: string;
}

/** The built server as users run it, on a free port with an embedded database of its own. */
export class StratalServer {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** The temporary folder around its data, which goes with it. */
  readonly #made: string | undefined;
  readonly #env: Record<string, string>;
  #bundle: string;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    port: number,
    dataDir: string,
    made: string | undefined,
    env: Record<string, string>,
    bundle: string,
  ) {
    this.#made = made;
    this.port = port;
    this.url = `http://localhost:${port}`;
    this.dataDir = dataDir;
    this.#env = env;
    this.#bundle = bundle;
  }

  static async start({ env = {}, bundle = 'dist/server.mjs', folder }: StartOptions = {}): Promise<StratalServer> {
    const made = folder === undefined ? await makeFolder() : undefined;
    const dataDir = path.join(folder ?? made ?? '', 'data');
    const server = new StratalServer(await freePort(), dataDir, made, { STRATAL_SAMPLE: 'off', ...env }, bundle);
    await server.startAgain();
    return server;
  }

  /** What the server has printed since it was started last. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server is not running');
    return pid;
  }

  /** Starts the server on the same port and data, of another bundle where one is given; resolves when it is ready. */
  async startAgain(bundle = this.#bundle): Promise<void> {
    this.#bundle = bundle;
    const child = spawn(process.execPath, [this.#bundle], {
      cwd: ROOT,
      env: {
        ...process.env,
        ...this.#env,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        PORT: String(this.port),
        STRATAL_DATA_DIR: this.dataDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`the server was not ready in time:\n${this.#output}`)),
        READY_WAIT_MS,
      );
      const read = (data: Buffer) => {
        this.#output += data.toString('utf8');
        if (!this.#output.includes('Stratal is ready')) return;
        clearTimeout(late);
        resolve();
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('exit', (code) => {
        clearTimeout(late);
        reject(new Error(`the server ended with ${code}:\n${this.#output}`));
      });
    });
  }

  /** SIGTERM (graceful) or SIGKILL; resolves to the exit code, null for a signal, when the process is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  }

  /** Stops the server and removes its data. */
  async close(): Promise<void> {
    // A server that was killed leaves its Postgres: the next start adopts it, and its end stops it.
    if (!this.#child) await this.startAgain();
    await this.stop();
    await rm(this.#made ?? this.dataDir, { recursive: true, force: true });
  }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-'));
  // Started by root, Postgres runs as another user, who has to pass this folder.
  await chmod(folder, 0o755);
  return folder;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port was found');
  return address.port;
}
