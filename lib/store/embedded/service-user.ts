import { spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, rename, rmdir } from 'node:fs/promises';
import { embeddedError, systemCode } from './embedded-error';

/** The account Postgres runs under where the server is root, which Postgres refuses to be. */
export interface ServiceUser {
  uid: number;
  gid: number;
}

/** The customary account that owns nothing: `nobody`. */
const NOBODY: ServiceUser = { uid: 65_534, gid: 65_534 };

/** The account for Postgres: that of existing data, else nobody; undefined (our own) where the server is not root. */
export function serviceUser(dataOwner?: ServiceUser): ServiceUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return dataOwner !== undefined && dataOwner.uid !== 0 ? dataOwner : NOBODY;
}

/** Whether the account may pass the folder or run the file. Asked of the kernel, which knows ACLs and mounts too. */
export function canExecute(user: ServiceUser | undefined, path: string): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...user, cwd: '/', stdio: 'ignore' });
  if (probe.error !== undefined && user !== undefined) {
    throw embeddedError(
      `Postgres does not run as root, and this process may not start programs as another user (uid ${user.uid}): ` +
        'start Stratal as an ordinary user, or set DATABASE_URL to a Postgres of your own.',
      probe.error,
    );
  }
  return probe.status === 0;
}

/** Makes the folder (mode 0700, owned by the account) or checks that an existing one is just that. */
export async function ensurePrivateFolder(folder: string, user: ServiceUser | undefined): Promise<void> {
  const owner = user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  try {
    await makeUnlessThere(folder, user);
  } catch (error) {
    throw embeddedError(`The folder ${folder} cannot be made.`, error);
  }
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== owner.uid || (found.mode & 0o077) !== 0) {
    throw embeddedError(
      `${folder} must be a folder of mode 0700 that belongs to uid ${owner.uid}, since whoever can enter it can read the ` +
        `database; it is of mode ${(found.mode & 0o777).toString(8)} and belongs to uid ${found.uid}.`,
    );
  }
}

const IS_THERE = ['EEXIST', 'ENOTEMPTY'];

async function makeUnlessThere(folder: string, user: ServiceUser | undefined): Promise<void> {
  if (await lstat(folder).catch(() => undefined)) return;
  try {
    if (user === undefined) await mkdir(folder, { mode: 0o700 });
    else await makeFor(user, folder);
  } catch (error) {
    // Since a moment ago.
    if (!IS_THERE.includes(systemCode(error) ?? '')) throw error;
  }
}

/** Makes the folder elsewhere and moves it to its place, so that nobody who comes at the same time finds it without its owner. */
async function makeFor({ uid, gid }: ServiceUser, folder: string): Promise<void> {
  const draft = await mkdtemp(`${folder}.`);
  try {
    // By its handle: the folder around it may be the account's, which could put something else in its place.
    const handle = await open(draft, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    await handle.chown(uid, gid).finally(() => handle.close());
    await rename(draft, folder);
  } catch (error) {
    await rmdir(draft);
    throw error;
  }
}
