import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensurePrivateFolder, serviceUser } from './service-user';

const AT_ONCE = 8;
const ROUNDS = 20;

test('a private folder is made once, with its owner, by many at once', async () => {
  const user = serviceUser();
  const base = await mkdtemp(join(tmpdir(), 'stratal-private-'));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const folder = join(base, String(round));
      await Promise.all(Array.from({ length: AT_ONCE }, () => ensurePrivateFolder(folder, user)));
      const { uid, mode } = await stat(folder);
      assert.deepEqual([uid, mode & 0o777], [user?.uid ?? process.getuid?.(), 0o700]);
    }
    assert.equal((await readdir(base)).length, ROUNDS);
  } finally {
    await rm(base, { recursive: true });
  }
});
