import { createHash } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { embeddedError, reasonOf, systemCode } from './embedded-error';
import type { EmbeddedLog } from './embedded-log';
import { canExecute, ensurePrivateFolder, type ServiceUser, serviceUser } from './service-user';

/** Where root's Postgres lives when the account it runs under cannot reach the chosen folder. */
const SYSTEM_ROOT = '/var/lib/stratal';

/** The folders of one embedded database, and whom it runs as. */
export interface Place {
  /** The folder the operator chose, absolute. */
  chosen: string;
  /** The folder in use: the chosen one, or what its file MOVED names. */
  base: string;
  /** Postgres' own folder in it, mode 0700: data, socket, log. */
  home: string;
  dataDir: string;
  user: ServiceUser | undefined;
}

/**
 * Decides where the database lives and makes the folders, down to `home`. Errors are sentences; nothing is moved that
 * already holds data.
 */
export async function choosePlace(dataDir: string, log: EmbeddedLog): Promise<Place> {
  if (process.platform === 'win32') {
    throw embeddedError('The embedded database does not run on Windows: set DATABASE_URL, or start Stratal in WSL.');
  }
  const chosen = resolve(dataDir);
  const base = (await readMoved(chosen)) ?? chosen;
  const owner = await dataOwner(base);
  const user = serviceUser(owner);
  const own = process.getuid?.();
  if (user === undefined && owner !== undefined && owner.uid !== own) {
    throw embeddedError(
      `The database in ${base} belongs to uid ${owner.uid}, and this server runs as uid ${own}: start it as that user, ` +
        'or give it a folder of its own with STRATAL_DATA_DIR.',
    );
  }
  await makeFolder(base, user);
  if (user === undefined || canExecute(user, base)) return finishPlace(chosen, base, user);
  if (owner !== undefined || base !== chosen) {
    throw embeddedError(
      `Postgres runs as uid ${user.uid} here and cannot reach its data in ${base}: let other users pass the folders ` +
        'above it (chmod o+x), or start Stratal as the user they belong to.',
    );
  }
  const moved = join(SYSTEM_ROOT, createHash('sha256').update(chosen).digest('hex').slice(0, 16));
  await makeFolder(moved, user);
  await writeWhole(
    join(chosen, 'MOVED'),
    `${moved}\nPostgres does not run as root, and the user it runs as cannot pass this folder: the data is there.\n`,
  );
  log.info(`${chosen} is closed to the user that Postgres runs as (uid ${user.uid}), so the database is in ${moved}.`);
  return finishPlace(chosen, moved, user);
}

async function finishPlace(chosen: string, base: string, user: ServiceUser | undefined): Promise<Place> {
  const home = join(base, 'postgres');
  await ensurePrivateFolder(home, user);
  return { chosen, base, home, dataDir: join(home, 'data'), user };
}

/** The place of a database that is there already; where there is none, nothing is made and a sentence thrown. */
export async function findPlace(dataDir: string, log: EmbeddedLog): Promise<Place> {
  const chosen = resolve(dataDir);
  const base = (await readMoved(chosen)) ?? chosen;
  try {
    await stat(join(base, 'postgres', 'data', 'PG_VERSION'));
  } catch (error) {
    // Whose it is, and what to do then, choosePlace knows to say.
    if (systemCode(error) !== 'EACCES') {
      throw embeddedError(
        `There is no database in ${base}: name its folder with STRATAL_DATA_DIR, or set DATABASE_URL.`,
        error,
      );
    }
  }
  return choosePlace(dataDir, log);
}

/** What root's folders get their owner by is believed only where it names one of those: the account may be able to write it. */
async function readMoved(chosen: string): Promise<string | undefined> {
  const text = await readFile(join(chosen, 'MOVED'), 'utf8').catch(() => undefined);
  if (!text) return undefined;
  const [target = ''] = text.split('\n');
  if (dirname(target) === SYSTEM_ROOT && resolve(target) === target) return target;
  throw embeddedError(
    `The file ${join(chosen, 'MOVED')} does not name a folder of ${SYSTEM_ROOT}: restore it, or remove it to have the place chosen again.`,
  );
}

/** Never seen in part, by whoever starts at the same time or after a full disk. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, path);
}

async function dataOwner(base: string): Promise<ServiceUser | undefined> {
  try {
    const { uid, gid } = await stat(join(base, 'postgres', 'data', 'PG_VERSION'));
    return { uid, gid };
  } catch (error) {
    if (systemCode(error) !== 'EACCES') return undefined;
    throw embeddedError(
      `The database in ${base} belongs to another user: start Stratal as that user, or choose another STRATAL_DATA_DIR.`,
      error,
    );
  }
}

/** Makes the folder private to the account. An existing one with content stays as its owner made it. */
async function makeFolder(folder: string, user: ServiceUser | undefined): Promise<void> {
  try {
    if (folder.startsWith(`${SYSTEM_ROOT}/`)) await mkdir(SYSTEM_ROOT, { recursive: true, mode: 0o755 });
    const created = await mkdir(folder, { recursive: true, mode: 0o700 });
    const isEmpty = created !== undefined || (await readdir(folder)).length === 0;
    if (user !== undefined && isEmpty) await chown(folder, user.uid, user.gid);
  } catch (error) {
    throw embeddedError(
      `The folder ${folder} for the database cannot be made (${reasonOf(error)}): choose another STRATAL_DATA_DIR.`,
      error,
    );
  }
}
