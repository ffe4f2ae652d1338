import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { leaveToOthers, takeOver, takeOwnership } from './spool-owner';
import { makeTemporaryFolder } from './testing/temporary-folder';

/** A pid that was a process's a moment ago. */
async function makeDeadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

function writeOwner(folder: string, owner: Record<string, unknown>): void {
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ host: hostname(), ...owner }));
}

test('leaves a living process its spool, this one too', (context) => {
  const folder = makeTemporaryFolder(context);
  takeOwnership(folder);
  assert.equal(takeOver(folder), false);
});

test('takes the spool of a dead process, and of one whose pid is another’s now', async (context) => {
  const dead = makeTemporaryFolder(context);
  writeOwner(dead, { pid: await makeDeadPid() });
  assert.equal(takeOver(dead), true);
  assert.equal(JSON.parse(readFileSync(join(dead, 'owner.json'), 'utf8')).pid, process.pid);
  const reused = makeTemporaryFolder(context);
  writeOwner(reused, { pid: process.pid, started: '1' });
  assert.equal(takeOver(reused), true);
});

test('takes a spool that its living process has left', (context) => {
  const folder = makeTemporaryFolder(context);
  takeOwnership(folder);
  leaveToOthers(folder);
  assert.equal(takeOver(folder), true);
  assert.equal(takeOver(folder), false);
});

test('takes another host’s spool only when nothing in it has changed for long', (context) => {
  const folder = makeTemporaryFolder(context);
  writeOwner(folder, { pid: 1, host: 'another-host' });
  assert.equal(takeOver(folder), false);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(join(folder, 'owner.json'), longAgo, longAgo);
  utimesSync(folder, longAgo, longAgo);
  assert.equal(takeOver(folder), true);
});

test('leaves alone a folder that is being made, and takes one that never got an owner', (context) => {
  const folder = makeTemporaryFolder(context);
  assert.equal(takeOver(folder), false);
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(folder, longAgo, longAgo);
  assert.equal(takeOver(folder), true);
});
