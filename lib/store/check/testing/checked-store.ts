import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type CheckSummary, checkStore } from '@/lib/store/check/check-store';
import { describeFinding } from '@/lib/store/check/finding';
import { connectPlainly, type Sql } from '@/lib/store/database';
import { fillStore } from '@/lib/store/testing/fill-store';
import { openTestStore, type TestStore } from '@/lib/store/testing/test-store';

const TABLES = ['store_meta', 'job_runs', 'task_runs', 'log_chunks', 'log_appends', 'producers'];
const SEQUENCES = ['log_position', 'job_runs_key_seq', 'task_runs_key_seq'];

/** What the check says of a store, as lines for people. */
export async function checkTestStore({ database }: TestStore): Promise<{ summary: CheckSummary; findings: string[] }> {
  const findings: string[] = [];
  const { signal } = new AbortController();
  // One connection, as the command has.
  const sql = connectPlainly(database.options, 1);
  const summary = await checkStore(sql, (finding) => findings.push(describeFinding(finding)), signal);
  await sql.end();
  return { summary, findings };
}

export interface CheckedStore {
  readonly sql: Sql;
  check(): ReturnType<typeof checkTestStore>;
}

/** A filled store for the tests of a suite, the same again before each of them whatever the one before has done to it. */
export function useCheckedStore(): CheckedStore {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
    await fillStore(context.store);
    const copies = [
      ...TABLES.map((name) => `create table backup.${name} as table ${name}`),
      ...SEQUENCES.map((name) => `create table backup.${name} as select last_value from ${name}`),
    ];
    await context.store.database.sql.unsafe(['create schema backup', ...copies].join(';'));
  });
  after(() => context.close());
  beforeEach(async () => {
    const statements = [
      `truncate ${TABLES.join(', ')}`,
      ...TABLES.map((name) => `insert into ${name} overriding system value select * from backup.${name}`),
      ...SEQUENCES.map((name) => `select setval('${name}', last_value) from backup.${name}`),
    ];
    await context.store.database.sql.unsafe(statements.join(';'));
  });
  return {
    get sql() {
      return context.store.database.sql;
    },
    check: () => checkTestStore(context),
  };
}

/** A kind of damage: its name, what does it, and what the check must say of it among the rest. */
export type Damage = readonly [name: string, sql: string, ...says: RegExp[]];

/** A test of each. */
export function testDamages(checked: CheckedStore, damages: readonly Damage[]): void {
  for (const [name, damage, ...says] of damages) {
    test(`is told: ${name}`, async () => {
      await checked.sql.unsafe(damage);
      const { summary, findings } = await checked.check();
      for (const expected of says) {
        assert.ok(
          findings.some((finding) => expected.test(finding)),
          `${expected} is not among:\n${findings.join('\n')}`,
        );
      }
      assert.equal(summary.differences, findings.length);
    });
  }
}
