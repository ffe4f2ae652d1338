import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { trimJournal } from '@/lib/store/journal';
import { testDamages, useCheckedStore } from './testing/checked-store';

const HOUR_MS = 3_600_000;

describe('a journal that was damaged', () => {
  const checked = useCheckedStore();

  const merged = `(select key from job_runs where id = 'merged')`;
  const finished = `(select key from job_runs where id = 'finished')`;

  testDamages(checked, [
    [
      'the journal leaves an entry out',
      `delete from log_appends where run_key = ${merged} and first_line = 31`,
      /^run merged: entry \d+ begins at line 34, where line 31 .*new-epoch/,
    ],
    [
      'the journal lost its first entry',
      `delete from log_appends where run_key = ${merged} and first_line = 1`,
      /^run merged: entry 2 begins at line 4, where line 1/,
    ],
    [
      'the journal lost its last entry',
      `delete from log_appends where run_key = ${merged} and first_line = 61`,
      /^run merged: the journal goes to line 60, and the run to line 61/,
    ],
    [
      'the journal lost a run',
      `delete from log_appends where run_key = ${merged}`,
      /^run merged: the journal goes to line 0, and the run to line 61/,
    ],
    [
      'the journal says another status',
      `update log_appends set status = 'lost' where run_key = ${merged} and first_line = 61`,
      /has no run-end/,
      /the journal says lost, and the run running/,
    ],
    [
      'a run-end is missing',
      `update log_appends set run_end = null where run_key = ${finished} and first_line = 5`,
      /^run finished: entry \d+ is of a run that is failed, and has no run-end/,
      /run-end 1, and the run to 2/,
    ],
    [
      'a run-end has another number',
      `update log_appends set run_end = jsonb_set(run_end, '{number}', '7') where run_key = ${finished} and first_line = 5`,
      /^run finished: entry \d+ has run-end 7, where 2/,
    ],
    [
      'a journal entry cannot be read',
      `update log_appends set status = 'away' where run_key = ${merged} and first_line = 61`,
      /^run merged: a journal entry cannot be read/,
    ],
    [
      'entries are left that were trimmed',
      `update store_meta set trimmed_through = 3`,
      /^the journal begins at 1, and is trimmed through 3/,
    ],
    [
      'journal entries are of no run that ever was',
      `update log_appends set run_key = 4711 where run_key = ${merged} and first_line = 61`,
      /^run merged: the journal goes to line 60/,
      /^run with key 4711: there are rows of it \(journal entry: 1\)/,
    ],
  ]);

  test('a run with very many differences has them counted', async () => {
    await checked.sql`update log_appends set line_count = -line_count`;
    const { findings } = await checked.check();
    const own = findings.filter((finding) => finding.startsWith('run merged:'));
    assert.equal(own.length, 21);
    assert.match(own.at(-1) ?? '', /^run merged: \d+ more differences of this run/);
  });

  test('what was trimmed is not missed, and younger runs are still compared whole', async () => {
    const { sql } = checked;
    await sql`
      update log_appends set at = at - ${2 * HOUR_MS * 1000}
      where position in (select position from log_appends order by position limit 10)
    `;
    assert.equal(await trimJournal(sql, HOUR_MS, HOUR_MS), 10);
    assert.deepEqual((await checked.check()).findings, []);
    await sql.unsafe(`delete from log_appends where run_key = (select key from job_runs where id = 'split')`);
    assert.match(
      (await checked.check()).findings.join('\n'),
      /^run split: the journal goes to line 0, and the run to line 300/,
    );
  });

  test('what was trimmed is not missed where the clock was set back, as times of entries that are left say', async () => {
    const { sql } = checked;
    const aheadUs = 300_000_000;
    await sql`update job_runs set created_at = created_at + ${aheadUs} where id = 'merged'`;
    await sql`update log_appends set at = at + ${aheadUs} where run_key = (select key from job_runs where id = 'merged')`;
    // Of later ones, after the clock was set back.
    await sql`
      update log_appends set at = at - ${2 * HOUR_MS * 1000}
      where position in (select position from log_appends order by position offset 21 limit 3)
    `;
    assert.equal(await trimJournal(sql, HOUR_MS, HOUR_MS), 24);
    assert.deepEqual((await checked.check()).findings, []);
  });
});
