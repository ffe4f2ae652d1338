import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { trimJournal } from '@/lib/store/journal';
import { testDamages, useCheckedStore } from './testing/checked-store';

const HOUR_MS = 3_600_000;

describe('producers that were damaged', () => {
  const checked = useCheckedStore();

  testDamages(checked, [
    [
      'a producer is before its start',
      `update producers set next_position = -1`,
      /^producer c3f1c1de\S+ is at position -1/,
    ],
    [
      'a producer is of the future',
      `update producers set last_seen = last_seen * 2`,
      /^producer c3f1c1de\S+ was last seen in the future/,
    ],
    [
      'a producer is ahead of all lines',
      `update producers set next_position = 370`,
      /^producer c3f1c1de\S+ is at position 370, and only 369 lines were ever stored\. Lines .* left out/,
      /^all producers together have sent 370 lines/,
    ],
    [
      'producers have sent more together than there is',
      `insert into producers select gen_random_uuid(), 369, last_seen from producers`,
      /^all producers together have sent 370 lines, and only 369 were ever stored/,
    ],
    [
      'a producer is ahead, and the journal was trimmed',
      `insert into job_runs overriding system value
        select 7, 'seventh', job_name, status, announced, created_at from job_runs where id = 'pending';
        delete from log_appends where position < 3; update store_meta set trimmed_through = 2;
        update producers set next_position = 369`,
      /^producer c3f1c1de\S+ is at position 369, and only 368 lines were ever stored/,
    ],
    [
      'a producer was seen when nothing was appended',
      `update producers set last_seen = last_seen - 1`,
      /^producer c3f1c1de\S+ was last seen at \S+Z, and nothing was appended then/,
    ],
  ]);

  test('a producer whose append was trimmed is not doubted where the clock was set back, and a later one is', async () => {
    const { sql } = checked;
    const aheadUs = 300_000_000;
    await sql`update log_appends set at = at + ${aheadUs} where at = (select last_seen from producers)`;
    await sql`update producers set last_seen = last_seen + ${aheadUs}`;
    // Of later ones, after the clock was set back.
    await sql`
      update log_appends set at = at - ${2 * HOUR_MS * 1000}
      where position in (select position from log_appends order by position offset 21 limit 3)
    `;
    assert.equal(await trimJournal(sql, HOUR_MS, HOUR_MS), 24);
    assert.deepEqual((await checked.check()).findings, []);
    await sql`update producers set last_seen = last_seen + 1`;
    assert.match((await checked.check()).findings.join('\n'), /^producer \S+ was last seen at \S+Z, and nothing was/);
  });
});
