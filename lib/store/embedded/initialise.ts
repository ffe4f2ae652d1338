import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Binaries } from './binaries';
import { SUPERUSER } from './connection';
import { embeddedError, systemCode } from './embedded-error';
import { runProgram } from './run-program';
import type { ServiceUser } from './service-user';

/** The builtin provider (from 17 on) folds case for all of Unicode and sorts alike on every system. */
const BUILTIN_LOCALE = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];

/**
 * Makes an empty data folder, where there is none. It is made beside its place and renamed, so that a start that was
 * killed leaves no half of one, and of two starts at the same time one wins.
 */
export async function initialise(binaries: Binaries, dataDir: string, user: ServiceUser | undefined): Promise<boolean> {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return false;
  const draft = join(dirname(dataDir), `new-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    const locales = binaries.major >= 17 ? [BUILTIN_LOCALE] : [['--locale=C.UTF-8'], ['--locale=C']];
    let failure = '';
    for (const locale of locales) {
      const { ok, stderr } = await initdb(binaries, draft, locale, user);
      if (ok) return await takePlace(draft, dataDir);
      failure = stderr;
      if (!/locale/.test(stderr)) break;
    }
    throw embeddedError(`The database cannot be made in ${dirname(dataDir)}: ${failure}`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function initdb({ binDir }: Binaries, folder: string, locale: readonly string[], user: ServiceUser | undefined) {
  const access = ['--auth-local=trust', '--auth-host=reject', `--username=${SUPERUSER}`];
  const args = ['-D', folder, '--encoding=UTF8', '--data-checksums', '--no-instructions', ...access, ...locale];
  return runProgram(join(binDir, 'initdb'), args, user);
}

async function takePlace(draft: string, dataDir: string): Promise<boolean> {
  try {
    await rename(draft, dataDir);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if ((code === 'ENOTEMPTY' || code === 'EEXIST') && existsSync(join(dataDir, 'PG_VERSION'))) return false;
    throw embeddedError(
      `${dataDir} holds something that is no database: move it away, or choose another folder.`,
      error,
    );
  }
}
