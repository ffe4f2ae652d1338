import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, findBinaries } from '@/lib/store/embedded/binaries';
import { askSocket } from '@/lib/store/embedded/connection';
import { initialise } from '@/lib/store/embedded/initialise';
import type { Place } from '@/lib/store/embedded/place';
import { PROGRAM_ENVIRONMENT, runProgram } from '@/lib/store/embedded/run-program';
import { ensurePrivateFolder, type ServiceUser, serviceUser } from '@/lib/store/embedded/service-user';
import { commonSettings } from '@/lib/store/embedded/settings';

const READY_TRIES_MAX = 600;
/** Majors of Postgres that Stratal runs on. */
const MAJORS = [18, 17, 16, 15, 14];

export interface PlainOptions {
  /** Environment of Postgres. */
  env?: Record<string, string>;
  /** Programs that its installation has to have beside the server: the embedded ones have none. */
  programs?: readonly string[];
  /** Its settings besides the usual ones. */
  settings?: Record<string, string>;
}

/** A Postgres that no Stratal looks after, with an environment of the test's. */
export class PlainPostgres {
  /** By which a server reaches it. */
  readonly env: Record<string, string>;
  /** A folder that it can write. */
  readonly home: string;
  readonly #folder: string;
  readonly #binDir: string;
  readonly #user: ServiceUser | undefined;
  readonly #child: ChildProcess;

  private constructor(place: Place, binDir: string, child: ChildProcess) {
    this.#folder = place.base;
    this.#binDir = binDir;
    this.#user = place.user;
    this.#child = child;
    this.home = place.home;
    this.env = { DATABASE_URL: 'postgres:///postgres', PGHOST: place.home, PGPORT: '5432', PGUSERNAME: 'stratal' };
  }

  /** Undefined where this machine has no installation with the programs. */
  static async start({
    env = {},
    programs = [],
    settings: own = {},
  }: PlainOptions): Promise<PlainPostgres | undefined> {
    const folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-plain-'));
    // Started by root, Postgres runs as another user, who has to pass this folder.
    await chmod(folder, 0o755);
    const user = serviceUser();
    const home = path.join(folder, 'postgres');
    await ensurePrivateFolder(home, user);
    const place = { chosen: folder, base: folder, home, dataDir: path.join(home, 'data'), user };
    const binaries = await findInstallation(place, programs);
    if (!binaries) {
      await rm(folder, { recursive: true, force: true });
      return undefined;
    }
    await initialise(binaries, place.dataDir, user);
    const settings = Object.entries({ ...commonSettings(home), ...own }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const child = spawn(path.join(binaries.binDir, 'postgres'), ['-D', place.dataDir, ...settings], {
      ...user,
      cwd: '/',
      env: { ...PROGRAM_ENVIRONMENT, ...env },
      stdio: 'ignore',
    });
    const postgres = new PlainPostgres(place, binaries.binDir, child);
    for (let tries = 0; (await askSocket(home, place.dataDir)) !== 'ours'; tries++) {
      if (child.exitCode !== null || tries === READY_TRIES_MAX) {
        await postgres.close();
        throw new Error(`Postgres did not start: exit code ${child.exitCode}`);
      }
      await delay(50);
    }
    return postgres;
  }

  /** Runs one of its programs on it, as its superuser; throws what it wrote where it fails. */
  async run(program: string, ...args: string[]): Promise<void> {
    const connection = ['--host', this.home, '--port', '5432', '--username', 'stratal', '--no-password'];
    const { ok, stderr } = await runProgram(path.join(this.#binDir, program), [...connection, ...args], this.#user);
    if (!ok) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
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

/** The installation that Stratal would take, or the newest of this system that has the programs. */
async function findInstallation(place: Place, programs: readonly string[]): Promise<Binaries | undefined> {
  for (const major of [undefined, ...MAJORS]) {
    const found = await findBinaries(place, major).catch(() => undefined);
    if (found && programs.every((name) => existsSync(path.join(found.binDir, name)))) return found;
  }
  return undefined;
}
