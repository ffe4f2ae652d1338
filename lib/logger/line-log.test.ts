import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineLog } from './line-log';
import { makeTemporaryFolder } from './testing/temporary-folder';

const finish = { method: 'PATCH' as const, path: '/job-runs/a', body: { status: 'completed' } };

function line(text: string): Buffer {
  return Buffer.from(`{"message":${JSON.stringify(text)}}\n`);
}

/** Everything from the cursor on: messages, and operations as their path. */
function drain(log: LineLog, bytesMax = 1024): string[] {
  const seen: string[] = [];
  for (let records = log.read(bytesMax); records; records = log.read(bytesMax)) {
    if (records.kind === 'operation') seen.push(records.operation.path);
    else
      seen.push(
        ...records.bytes
          .toString()
          .trimEnd()
          .split('\n')
          .map((text) => JSON.parse(text).message),
      );
    log.accept(records.kind === 'lines' ? records.count : 0);
  }
  return seen;
}

for (const place of ['files', 'memory'] as const) {
  test(`reads lines and operations in the order they were appended, from ${place}`, (context) => {
    const log = new LineLog({ directory: place === 'files' ? makeTemporaryFolder(context) : undefined });
    log.append(Buffer.concat([line('a'), line('b')]), 2);
    log.appendOperation(finish);
    log.append(line('c'), 1);
    assert.equal(log.waiting, 3);
    assert.deepEqual(drain(log), ['a', 'b', '/job-runs/a', 'c']);
    assert.equal(log.waiting, 0);
    assert.equal(log.position, 3);
    log.append(line('d'), 1);
    assert.deepEqual(drain(log), ['d']);
  });

  test(`accepts a part of a batch and goes back to any line still kept, in ${place}`, (context) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(30), fc.nat(30), (count, accepted, back) => {
        const log = new LineLog({ directory: place === 'files' ? makeTemporaryFolder(context) : undefined });
        const texts = Array.from({ length: count }, (_, index) => `line ${index}`);
        log.append(Buffer.concat(texts.map(line)), count);
        log.read(1_000_000);
        log.accept(Math.min(accepted, count));
        assert.equal(log.position, Math.min(accepted, count));
        const target = Math.min(back, log.position);
        assert.equal(log.seekBack(target), target);
        assert.deepEqual(drain(log), texts.slice(target));
      }),
      { numRuns: 30 },
    );
  });
}

test('reads a record that is longer than the batch that was asked for', (context) => {
  const log = new LineLog({ directory: makeTemporaryFolder(context) });
  const long = 'x'.repeat(5000);
  log.append(Buffer.concat([line(long), line('b')]), 2);
  assert.deepEqual(drain(log, 64), [long, 'b']);
});

test('deletes delivered files and begins new ones, so that a long run needs no long disk', (context) => {
  const directory = makeTemporaryFolder(context);
  const log = new LineLog({ directory });
  const block = Buffer.concat(Array.from({ length: 1024 }, () => line('y'.repeat(1000))));
  for (let round = 0; round < 40; round += 1) {
    log.append(block, 1024);
    assert.equal(drain(log, 4_000_000).length, 1024);
    assert.ok(readdirSync(directory).length <= 2);
  }
  assert.equal(log.position, 40 * 1024);
});

test('a later process finds what was appended, less a record torn by a kill', (context) => {
  const directory = makeTemporaryFolder(context);
  const log = new LineLog({ directory });
  log.append(Buffer.concat([line('a'), line('b')]), 2);
  log.appendOperation(finish);
  log.close();
  const [file = ''] = readdirSync(directory);
  appendFileSync(join(directory, file), '{"message":"to');
  const reopened = LineLog.reopen(directory);
  assert.equal(reopened.waiting, 2);
  assert.deepEqual(drain(reopened), ['a', 'b', '/job-runs/a']);
});

test('closes the gap that lines in a dead process’s memory left, and counts them', (context) => {
  const directory = makeTemporaryFolder(context);
  writeFileSync(join(directory, '00000001-000000000000000.ndjson'), line('a'));
  writeFileSync(join(directory, '00000003-000000000000005.ndjson'), line('f'));
  const log = LineLog.reopen(directory);
  assert.equal(log.waiting, 2);
  assert.deepEqual(drain(log), ['a', 'f']);
  assert.equal(log.missingLines, 4);
  assert.equal(log.position, 2);
  const again = LineLog.reopen(directory);
  assert.deepEqual([again.missingLines, again.waiting], [0, 1]);
});

test('goes on in bounded memory where no file can be written, and refuses what has no room', (context) => {
  const file = join(makeTemporaryFolder(context), 'a-file');
  writeFileSync(file, '');
  const log = new LineLog({ directory: file, memoryBytesMax: 10_000 });
  let taken = 0;
  while (log.append(line('z'.repeat(100)), 1)) taken += 1;
  assert.ok(taken > 50 && taken < 100);
  log.appendOperation(finish);
  assert.equal(log.keep(), taken);
  assert.equal(drain(log).length, taken + 1);
  assert.ok(log.append(line('room again'), 1));
});

test('what waits in memory goes to files once there is room, and is then found by a later process', (context) => {
  const directory = join(makeTemporaryFolder(context), 'made-later');
  const log = new LineLog({ directory });
  log.append(line('a'), 1);
  // The folder appears only now, as a full disk gets room again.
  mkdirSync(directory);
  assert.equal(log.keep(), 0);
  log.close();
  assert.deepEqual(drain(LineLog.reopen(directory)), ['a']);
});

test('a file cut by a loss of power is read to its last whole line', (context) => {
  const directory = makeTemporaryFolder(context);
  const log = new LineLog({ directory });
  log.append(Buffer.concat([line('a'), line('b')]), 2);
  log.close();
  const [file = ''] = readdirSync(directory);
  truncateSync(join(directory, file), line('a').length + 3);
  assert.deepEqual(drain(LineLog.reopen(directory)), ['a']);
});
