import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTemporaryFolder } from '@/lib/logger/testing/temporary-folder';
import { version } from '@/package.json';
import { bundleCommand } from './bundle.mjs';
import { makeCommandBench } from './testing/stratal-command';

test('the bundle copied to where nothing else is runs a command and sends its output', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const program = join(makeTemporaryFolder(context), 'copied.mjs');
  copyFileSync(await bundleCommand(), program);

  const { code, stdout } = await run(['run', '--', 'sh', '-c', 'echo hello; exit 3'], { program });
  assert.deepEqual([code, stdout.toString()], [3, 'hello\n']);
  assert.equal(server.raw(), 'hello\n');

  const told = await run(['version'], { program });
  assert.deepEqual([told.code, told.stdout.toString()], [0, `${version}\n`]);
  const check = await run(['check'], { program });
  assert.equal(check.code, 2);
  assert.match(check.stderr, /^stratal: check needs the server’s own installation/);
});
