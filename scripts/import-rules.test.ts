import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { findValueImports } from './check-type-imports.mjs';

const ROOT = dirname(import.meta.dirname);

/** For each folder a file of it, imports that its rule must refuse, and ones that it must let pass. */
const RULES = [
  { file: 'lib/terminal/a.ts', refused: ['@/lib/protocol/x', '@/lib/errors/x'], allowed: ['./b', 'linkify-it'] },
  { file: 'lib/protocol/a.ts', refused: ['@/lib/errors/x', '@/lib/store/store'], allowed: ['@/lib/terminal/x', 'zod'] },
  { file: 'lib/errors/a.ts', refused: ['@/lib/config/x', '@/lib/store/x'], allowed: ['@/lib/protocol/x'] },
  {
    file: 'lib/config/a.ts',
    refused: ['@/lib/store/x', '@/lib/feed/x'],
    allowed: ['@/lib/protocol/x', '@/lib/errors/x'],
  },
  { file: 'lib/observability/a.ts', refused: ['@/lib/store/x', '@/lib/feed/x'], allowed: ['@/lib/errors/x', 'pino'] },
  {
    file: 'lib/store/a.ts',
    refused: ['@/lib/feed/x', '@/lib/ingest/x', '@/lib/runtime', 'react'],
    allowed: ['@/lib/protocol/x', '@/lib/config/limits', '@/drizzle/schema', 'drizzle-orm', 'postgres'],
  },
  {
    file: 'lib/feed/a.ts',
    refused: ['@/lib/transport/x', '@/lib/ingest/x', '@/lib/config/server', 'postgres'],
    allowed: ['@/lib/store/x', '@/lib/protocol/x', '@/lib/observability/x', '@/lib/config/limits'],
  },
  {
    file: 'lib/ingest/a.ts',
    refused: ['@/lib/transport/x', '@/lib/auth/x', 'drizzle-orm'],
    allowed: ['@/lib/feed/x', '@/lib/store/x', '@/lib/config/x', '@/lib/errors/x'],
  },
  {
    file: 'lib/auth/a.ts',
    refused: ['@/lib/transport/x', '@/lib/feed/x', 'next/headers'],
    allowed: ['@/lib/store/x', '@/lib/config/x', 'drizzle-orm/pg-core'],
  },
  {
    file: 'lib/transport/sse/a.ts',
    refused: ['@/lib/ingest/x', '@/lib/client/x', '@/lib/runtime', 'postgres'],
    allowed: ['@/lib/transport/x', '@/lib/feed/x', '@/lib/auth/x', '@/lib/store/x', 'ws'],
  },
  {
    file: 'lib/client/a.ts',
    refused: ['@/lib/config/cli', '@/lib/store/x', '@/lib/transport/x', '@/lib/logger/x'],
    allowed: ['@/lib/protocol/x', '@/lib/errors/x', 'socket.io-client'],
  },
  {
    file: 'lib/logger/a.ts',
    refused: ['@/lib/config/cli', '@/lib/store/x'],
    allowed: ['@/lib/client/x', '@/lib/errors/x'],
  },
  {
    file: 'lib/runtime.ts',
    refused: ['@/components/x', '@/app/x', 'drizzle-orm'],
    allowed: ['@/lib/store/x', '@/lib/feed/x'],
  },
  {
    file: 'components/log-viewer/a.tsx',
    refused: ['@/lib/transport/x', '@/lib/store/x', '@/lib/config/x', '@/app/x'],
    allowed: ['@/lib/client/x', '@/lib/protocol/x', '@/lib/terminal/x', '@/components/ui/x', 'react'],
  },
  {
    file: 'app/job-runs/[id]/a.tsx',
    refused: ['@/lib/runtime', '@/lib/store/x', '@/lib/feed/x', '@/lib/client/x'],
    allowed: ['@/lib/runtime-handle', '@/lib/auth/x', '@/lib/protocol/x', '@/components/x', 'next/navigation'],
  },
  {
    file: 'bin/a.ts',
    refused: ['@/lib/store/x', '@/lib/runtime', '@/lib/transport/x', 'next'],
    allowed: ['@/lib/client/x', '@/lib/logger/x', '@/lib/config/cli', 'commander'],
  },
  {
    file: 'server.ts',
    refused: ['@/lib/store/x', '@/lib/feed/x', 'postgres'],
    allowed: ['@/lib/runtime', '@/lib/config/x', 'next'],
  },
  {
    file: 'check.ts',
    refused: ['@/lib/runtime', '@/lib/feed/x', '@/lib/ingest/x', 'postgres'],
    allowed: ['@/lib/store/x', '@/lib/config/server', '@/lib/errors/x'],
  },
  { file: 'drizzle/schema.ts', refused: ['@/lib/store/x', '@/lib/protocol/x'], allowed: ['drizzle-orm/pg-core'] },
];

const report = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string(),
      message: z.string(),
      location: z.object({ path: z.string(), start: z.object({ line: z.number() }) }),
    }),
  ),
});
let diagnostics: z.infer<typeof report>['diagnostics'] = [];
let tree = '';

/** One import a line, so that a finding's line number names the import. */
function importLines(sources: readonly string[]): string {
  return sources.map((source, index) => `import { a${index} } from '${source}';`).join('\n');
}

before(() => {
  tree = mkdtempSync(join(tmpdir(), 'stratal-rules-'));
  for (const name of ['biome.json', '.gitignore']) cpSync(join(ROOT, name), join(tree, name));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  };
  for (const { file, refused, allowed } of RULES) {
    const sources = [...refused, '../x', ...allowed];
    write(
      file,
      `${importLines(sources)}\nexport const all = [${sources.map((_, index) => `a${index}`).join(', ')}];\n`,
    );
  }
  const environment = 'export const home = process.env.HOME;\n';
  for (const file of ['lib/feed/environment.ts', 'lib/config/environment.ts', 'app/environment.ts'])
    write(file, environment);
  write('lib/feed/long.ts', `${'export {};\n'.repeat(401)}`);
  write(
    'lib/feed/a.test.ts',
    `${importLines(['@/lib/store/testing/x', '@/lib/transport/x', 'postgres'])}\nexport const b = [a0, a1, a2];\n`,
  );
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
  diagnostics = report.parse(JSON.parse(stdout)).diagnostics;
});
after(() => rmSync(tree, { recursive: true, force: true }));

function findings(file: string, category: string) {
  return diagnostics.filter(({ location, ...one }) => location.path === file && one.category === category);
}

describe('the import table', () => {
  for (const { file, refused, allowed } of RULES) {
    test(`${file}: refuses ${refused.join(', ')} with a reason, and lets ${allowed.join(', ')} pass`, () => {
      const found = findings(file, 'lint/style/noRestrictedImports');
      const expected = [...refused, '../x'].map((_, index) => index + 1);
      const lines = new Set(found.map(({ location }) => location.start.line));
      assert.deepEqual(
        [...lines].sort((one, other) => one - other),
        expected,
      );
      for (const { message } of found) assert.match(message, /.{20,}[.]$/);
    });
  }

  test('lets tests import what they test with', () => {
    assert.deepEqual(findings('lib/feed/a.test.ts', 'lint/style/noRestrictedImports'), []);
  });

  test('has a row for every folder of lib', () => {
    const folders = readdirSync(join(ROOT, 'lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const missing = folders
      .map(({ name }) => `lib/${name}/`)
      .filter((folder) => !RULES.some(({ file }) => file.startsWith(folder)));
    assert.deepEqual(missing, []);
  });
});

test('the environment is read in lib/config alone', () => {
  const files = diagnostics
    .filter(({ category }) => category === 'lint/style/noProcessEnv')
    .map(({ location }) => location.path);
  assert.deepEqual(files.sort(), ['app/environment.ts', 'lib/feed/environment.ts']);
});

test('a file of over 400 lines is refused', () => {
  assert.equal(findings('lib/feed/long.ts', 'lint/style/noExcessiveLinesPerFile').length, 1);
});

describe('imports of types alone', () => {
  const refused = [
    "import { openStore } from '@/lib/store/store';",
    "import store from '@/lib/store/store';",
    "import * as store from '@/lib/store/store';",
    "import {\n  type LogStore,\n  openStore,\n} from '@/lib/store/store';",
    "export { openStore } from '@/lib/store/store';",
  ];
  for (const text of refused) {
    test(`refused in the feed: ${JSON.stringify(text)}`, () => {
      assert.equal(findValueImports('lib/feed/a.ts', `${text}\n`).length, 1);
    });
  }

  test('types, protocol and the store itself are free', () => {
    const types =
      "import type { LogStore } from '@/lib/store/store';\nimport { type A, type B } from '@/lib/store/x';\n";
    assert.deepEqual(findValueImports('lib/feed/a.ts', types), []);
    assert.deepEqual(findValueImports('lib/feed/a.ts', "import { x } from '@/lib/protocol/x';\n"), []);
    assert.deepEqual(findValueImports('lib/store/a.ts', "import { x } from '@/lib/store/embedded/x';\n"), []);
  });
});
