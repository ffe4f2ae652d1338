import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { disownPidFile, type PidFile, readPidFile } from './postmaster-pid';

const LOCK = '4242\n/data\n1700000000\n5432\n/socket\n\n  5432001         0\nready   \n';

describe('the lock file of a stranger', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'stratal-pid-'));
  const path = join(dataDir, 'postmaster.pid');
  beforeEach(() => writeFile(path, LOCK));
  after(() => rm(dataDir, { recursive: true }));

  async function judged(): Promise<PidFile> {
    const lock = await readPidFile(dataDir);
    assert.ok(lock !== undefined);
    return lock;
  }

  test('gets the id of this process and stays the same else', async () => {
    disownPidFile(await judged());
    assert.equal(await readFile(path, 'utf8'), LOCK.replace('4242', String(process.pid)));
  });

  test('is left alone where another Postgres has written its own since', async () => {
    const lock = await judged();
    const newer = LOCK.replace('4242', '4343');
    await writeFile(path, newer);
    disownPidFile(lock);
    assert.equal(await readFile(path, 'utf8'), newer);
  });

  test('may be gone by then, as a Postgres that ends removes its own', async () => {
    const lock = await judged();
    await rm(path);
    disownPidFile(lock);
    assert.equal(await readPidFile(dataDir), undefined);
  });
});
