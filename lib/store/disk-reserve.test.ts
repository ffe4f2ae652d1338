import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import { DiskReserve } from './disk-reserve';

const MIB = 1024 * 1024;

/** A disk whose free space the test sets, and how often it was looked at. */
function diskOf(freeMib: number) {
  const disk = { free: freeMib * MIB, looks: 0, changes: [] as boolean[] };
  const reserve = new DiskReserve({
    folder: '/',
    reserveBytes: 64 * MIB,
    readFree: async () => {
      disk.looks += 1;
      return disk.free;
    },
    onChange: (isShort) => disk.changes.push(isShort),
  });
  return { disk, reserve };
}

const isFull = (error: unknown) =>
  isStratalError(error) &&
  error.code === 'STRATAL_DISK_FULL' &&
  error.status === 507 &&
  error.members.reserve_bytes === 64 * MIB;

test('reads the free space of a real file system', async () => {
  const none = new DiskReserve({ folder: tmpdir(), reserveBytes: 0 });
  (await none.admit(1))();
  const all = new DiskReserve({ folder: tmpdir(), reserveBytes: Number.MAX_SAFE_INTEGER });
  await assert.rejects(all.admit(0), (error) => isStratalError(error) && Number(error.members.free_bytes) > 0);
});

test('looks once for many small requests', async () => {
  const { disk, reserve } = diskOf(10_000);
  await Promise.all(Array.from({ length: 1000 }, () => reserve.admit(1000)));
  assert.equal(disk.looks, 1);
});

test('a burst between two looks does not run past the reserve', async () => {
  const { disk, reserve } = diskOf(264);
  let admitted = 0;
  const burst = async () => {
    for (;;) {
      await reserve.admit(MIB);
      admitted += 1;
    }
  };
  await assert.rejects(burst(), isFull);
  assert.equal(admitted, 50, 'of 200 MiB above the reserve, as text takes four times its bytes');
  assert.equal(disk.looks, 1);
});

test('what is being stored counts until it is released, and then what the file system says', async (context) => {
  let now = 0;
  context.mock.method(performance, 'now', () => now);
  const { reserve } = diskOf(264);
  const releases = await Promise.all(Array.from({ length: 50 }, () => reserve.admit(MIB)));
  now += 5000;
  await assert.rejects(reserve.admit(MIB), isFull, 'a look does not show what is not written yet');
  for (const release of releases) release();
  for (const release of releases) release();
  now += 5000;
  (await reserve.admit(50 * MIB))();
});

test('refuses below the reserve and goes on by itself when space is back', async (context) => {
  let now = 0;
  context.mock.method(performance, 'now', () => now);
  const { disk, reserve } = diskOf(63);
  for (let tries = 0; tries < 100; tries++) await assert.rejects(reserve.admit(0), isFull);
  assert.equal(disk.looks, 1, 'a crowd that tries again shares one look');
  assert.equal(await reserve.isShort(), true);
  disk.free = 1000 * MIB;
  now += 200;
  await reserve.admit(0);
  assert.equal(await reserve.isShort(), false);
  assert.deepEqual(disk.changes, [true, false]);
});
