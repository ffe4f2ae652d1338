import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { trimJournal } from '@/lib/store/journal';
import { mergeRun } from '@/lib/store/merge';
import { linesOf } from '@/lib/store/testing/fill-store';
import { makeLine } from '@/lib/store/testing/make-lines';
import { makeRun, openTestStore } from '@/lib/store/testing/test-store';
import { describeSummary } from './check-store';
import { replaceEpoch } from './new-epoch';
import { checkTestStore, testDamages, useCheckedStore } from './testing/checked-store';

const HOUR_MS = 3_600_000;

describe('a store that was damaged', () => {
  const checked = useCheckedStore();

  test('has no differences before', async () => {
    const { summary, findings } = await checked.check();
    assert.deepEqual(findings, []);
    assert.deepEqual(summary, { runs: 6, lines: 368, chunks: 11, differences: 0, notes: 0 });
    assert.equal(describeSummary(summary), '6 runs, 368 lines, 11 chunks: no differences');
  });

  const merged = `(select key from job_runs where id = 'merged')`;
  const finished = `(select key from job_runs where id = 'finished')`;
  const started = `(select key from job_runs where id = 'started')`;
  const firstChunk = `run_key = ${merged} and first_line = 1`;
  const otherBody = `(select body from log_chunks where run_key = (select key from job_runs where id = 'split') and first_line = 1)`;

  testDamages(checked, [
    [
      'a chunk at the start is missing',
      `delete from log_chunks where ${firstChunk}`,
      /^run merged: lines 1 to 60 are missing\. .*backup/,
    ],
    [
      'a chunk in the middle is missing',
      `delete from log_chunks where run_key = (select key from job_runs where id = 'split') and first_line = 101`,
      /^run split: lines 101 to 200 are missing/,
    ],
    [
      'a chunk at the end is missing',
      `delete from log_chunks where run_key = ${merged} and first_line = 61`,
      /^run merged: line 61 is missing at its end/,
    ],
    [
      'a chunk overlaps the one before it',
      `update log_chunks set first_line = 60 where run_key = ${merged} and first_line = 61`,
      /^run merged: a chunk begins at line 60, where line 61/,
    ],
    [
      'there are chunks after the last line',
      `update log_chunks set first_line = 62 where run_key = ${merged} and first_line = 61`,
      /^run merged: line 61 is missing/,
      /chunks up to line 62/,
    ],
    [
      'text is cut off',
      `update log_chunks set body = substring(body for length(body) - 3) where ${firstChunk}`,
      /^run merged: lines 1 to 60: the chunk cannot be decoded/,
    ],
    [
      'text is that of another chunk',
      `update log_chunks set body = ${otherBody} where ${firstChunk}`,
      /^run merged: lines 1 to 60: the chunk cannot be decoded \(the chunk has \d+ bytes of text, and its lines \d+\)/,
    ],
    [
      'the columns are damaged',
      `update log_chunks set attrs = '\\x00' where ${firstChunk}`,
      /^run merged: lines 1 to 60: the chunk cannot be decoded/,
    ],
    [
      'the layout is unknown',
      `update log_chunks set codec = 99 where ${firstChunk}`,
      /cannot be decoded \(chunk layout 6/,
    ],
    [
      'the text size is wrong',
      `update log_chunks set text_bytes = text_bytes + 1 where ${firstChunk}`,
      /bytes of text and holds/,
    ],
    [
      'the earliest time is wrong',
      `update log_chunks set max_at = max_at + 1 where ${firstChunk}`,
      /earliest or latest time/,
    ],
    [
      'the number of lines is wrong',
      `update log_chunks set line_count = line_count - 1 where ${firstChunk}`,
      /facets count 60 lines/,
    ],
    [
      'facets cannot be read',
      `update log_chunks set facets = '[[0,9,9,1]]' where ${firstChunk}`,
      /facets cannot be read/,
    ],
    [
      'facets count wrongly',
      `update log_chunks set facets = jsonb_set(jsonb_set(facets, '{0,3}', '6'), '{1,3}', '21') where ${firstChunk}`,
      /the chunk says 6 lines of info, stdout, task key \d+ and holds 7/,
    ],
    [
      'lines changed their level',
      `update log_chunks set facets = jsonb_set(facets, '{1,2}', '0') where ${firstChunk}`,
      /^run merged: it counts 7 lines|^run merged: it counts \d+ lines of level info, and has/,
    ],
    [
      'lines name a task of another run',
      `update log_chunks set facets = jsonb_set(facets, '{0,0}', '4711') where ${firstChunk}`,
      /^run merged: task \S+ \(build\) counts/,
      /task with key 4711/,
    ],
    [
      'a chunk says that other lines open groups',
      `update log_chunks set marks = '\\x0600' where ${firstChunk}`,
      /^run merged: lines 1 to 60: the chunk's marks are not those/,
    ],
    [
      'a group’s line is not marked where others are',
      `update log_chunks set marks = '\\x' where ${firstChunk}`,
      /^run merged: lines 1 to 60: the chunk's marks are not those/,
    ],
    [
      'a run counts its bytes wrongly',
      `update job_runs set byte_count = byte_count + 1 where key = ${merged}`,
      /^run merged: it counts \d+ bytes/,
    ],
    [
      'a run counts its lines wrongly',
      `update job_runs set warn_count = warn_count - 1 where key = ${merged}`,
      /^run merged: it counts 9 lines of level warn, and has 10/,
      /its levels count 60 lines/,
    ],
    [
      'a task counts its lines wrongly',
      `update task_runs set info_count = info_count + 1 where task_name = 'test'`,
      /^run merged: task \S+ \(test\) counts 8 lines of level info, and has 7/,
    ],
    [
      'a run has a status without its end',
      `update job_runs set finished_at = null where key = ${finished}`,
      /^run finished: it is failed without a time of end/,
    ],
    [
      'a run has ended without ends',
      `update job_runs set ends = 0 where key = ${started}`,
      /^run started: it is completed, and its ends count 0/,
      /run-end 1, and the run to 0/,
    ],
    [
      'the line of the end is another',
      `update job_runs set exit_code = 4 where key = ${finished}`,
      /^run finished: no line says that it has ended as failed/,
    ],
    [
      'the line of the start is missing',
      `update job_runs set announced = true where key = ${merged}`,
      /^run merged: line 1 does not say that it started/,
    ],
    [
      'a run began after its end',
      `update job_runs set first_line = last_line + 2 where key = ${started}`,
      /^run started: its first line is 2, and its last 0/,
    ],
    ['the row of the store is missing', `delete from store_meta`, /^the row of store_meta/],
    [
      'the sequence of positions is behind',
      `select setval('log_position', 3)`,
      /^the sequence log_position is at 3, and the journal at \d+\. .*setval/,
    ],
    [
      'the sequence of keys is behind',
      `select setval('task_runs_key_seq', 1)`,
      /^the sequence task_runs_key_seq is at 1, and the highest key of a task run is 2/,
    ],
    [
      'chunks are of no run that ever was',
      `insert into log_chunks select 4711, first_line, line_count, min_at, max_at, facets, text_bytes, codec, attrs, body from log_chunks where ${firstChunk}`,
      /^run with key 4711: there are rows of it \(chunk: 1\), and no run has ever had that key/,
    ],
  ]);

  test('rows of a deletion that was cut off are a note, and no difference', async () => {
    const { sql } = checked;
    await sql`delete from job_runs where id = 'merged'`;
    const { summary, findings } = await checked.check();
    assert.match(
      findings.join('\n'),
      /^run with key \d+: it was deleted, and rows of it are left \(chunk: 2\)\. .*\n.*\(task run: 2\)/,
    );
    assert.equal(summary.differences, 0);
    assert.equal(describeSummary(summary), '5 runs, 307 lines, 9 chunks: no differences, 2 notes');
  });
});

test('finds nothing while lines are appended, merged and trimmed and runs deleted', async (t) => {
  const context = await openTestStore();
  t.after(() => context.close());
  const { store } = context;
  const { sql } = store.database;
  let isWriting = true;
  const writer = async (name: string) => {
    const source = randomUUID();
    let sent = 0;
    for (let n = 0; isWriting; n++) {
      const run = await makeRun(store, `${name}-${n % 3}`);
      const task = await store.resolveTask(run, { name: 'step' });
      const lines = linesOf(run, [makeLine(`line ${n}`, { task }), makeLine('x')]);
      const append = await store.append([lines], [{ source, expected: sent, next: sent + 2 }]);
      // The run was deleted in between.
      if (append.kind === 'gone') continue;
      sent += 2;
      if (n % 20 === 19) await mergeRun(sql, run.key, { isEnded: true });
      if (n % 50 === 49) await store.deleteRun(run.id);
      if (n % 30 === 29) await trimJournal(sql, 100, HOUR_MS);
    }
  };
  const writers = [writer('a'), writer('b')];
  const findings: string[] = [];
  for (let round = 0; round < 15; round++) {
    const found = await checkTestStore(context);
    // Deletions are under way.
    findings.push(...found.findings.filter((finding) => !/was deleted, and rows/.test(finding)));
  }
  isWriting = false;
  await Promise.all(writers);
  assert.deepEqual(findings, []);
});

test('a new epoch is refused beside servers, and by force makes old cursors foreign', async (t) => {
  const context = await openTestStore();
  t.after(() => context.close());
  const { sql } = context.store.database;
  await assert.rejects(replaceEpoch(sql, false), /Stratal servers are connected .* --force/);
  assert.equal((await context.openAnother()).epoch, context.store.epoch);
  await replaceEpoch(sql, true);
  assert.notEqual((await context.openAnother()).epoch, context.store.epoch);
});
