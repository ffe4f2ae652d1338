import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder that is deleted after the test. */
export function makeTemporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'stratal-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
