import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findBinaries } from '@/lib/store/embedded/binaries';
import { askSocket } from '@/lib/store/embedded/connection';
import { initialise } from '@/lib/store/embedded/initialise';
import { PROGRAM_ENVIRONMENT } from '@/lib/store/embedded/run-program';
import { ensurePrivateFolder, serviceUser } from '@/lib/store/embedded/service-user';
import { commonSettings } from '@/lib/store/embedded/settings';

const READY_TRIES_MAX = 600;

/** A Postgres of the embedded binaries that no Stratal looks after, with an environment of the test's. */
export class PlainPostgres {
  /** By which a server reaches it. */
  readonly env: Record<string, string>;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, socketDir: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
    this.env = { DATABASE_URL: 'postgres:///postgres', PGHOST: socketDir, PGPORT: '5432', PGUSERNAME: 'stratal' };
  }

  static async start(env: Record<string, string>): Promise<PlainPostgres> {
    const folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-plain-'));
    // Started by root, Postgres runs as another user, who has to pass this folder.
    await chmod(folder, 0o755);
    const user = serviceUser();
    const home = path.join(folder, 'postgres');
    await ensurePrivateFolder(home, user);
    const dataDir = path.join(home, 'data');
    const binaries = await findBinaries({ chosen: folder, base: folder, home, dataDir, user }, undefined);
    await initialise(binaries, dataDir, user);
    const settings = Object.entries(commonSettings(home)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(path.join(binaries.binDir, 'postgres'), ['-D', dataDir, ...settings], {
      ...user,
      cwd: '/',
      env: { ...PROGRAM_ENVIRONMENT, ...env },
      stdio: 'ignore',
    });
    const postgres = new PlainPostgres(folder, home, child);
    for (let tries = 0; (await askSocket(home, dataDir)) !== 'ours'; tries++) {
      if (child.exitCode !== null || tries === READY_TRIES_MAX) {
        await postgres.close();
        throw new Error(`Postgres did not start: exit code ${child.exitCode}`);
      }
      await delay(50);
    }
    return postgres;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      // SIGINT: a fast shutdown, whoever is still connected.
      this.#child.kill('SIGINT');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
