import { z } from 'zod';
import { endsStreams, statusSchema } from '@/lib/protocol/run';
import type { Sql } from '@/lib/store/database';
import { runEndSchema } from '@/lib/store/run-end';
import { type Report, RunReport } from './finding';

const ENTRIES_PER_READ = 1000;

const runFields = {
  key: z.number(),
  /** Null on a run that was deleted: its entries stay until they are trimmed. */
  id: z.string().nullable(),
  run_status: statusSchema.nullable(),
  last_line: z.number().nullable(),
  ends: z.number().nullable(),
  /** No entry of this run can have been trimmed. */
  is_whole: z.boolean(),
};
const entryFields = {
  position: z.number(),
  first_line: z.number(),
  line_count: z.number(),
  status: statusSchema,
  run_end: runEndSchema.nullable(),
};
const rowSchema = z.union([z.object({ ...runFields, ...entryFields }), z.object({ ...runFields, position: z.null() })]);
type Row = z.infer<typeof rowSchema>;
type Entry = Extract<Row, { position: number }>;

/**
 * Compares the journal with the runs, in one statement and so in one snapshot; Postgres sorts it by run, so that one run at a time is
 * held here. What was trimmed cannot be missed: a run's entries are only known to be all there where the run is newer than all of which an
 * entry was trimmed. Times do not tell: the clock may have been set back.
 */
export async function checkJournal(sql: Sql, report: Report, signal: AbortSignal): Promise<void> {
  const rows = sql`
    select coalesce(a.run_key, r.key) as key, r.id, r.status as run_status, r.last_line, r.ends,
      coalesce(a.run_key, r.key) > m.trimmed_run as is_whole,
      a.position, a.first_line, a.line_count, a.status, a.run_end
    from log_appends a full join job_runs r on r.key = a.run_key cross join store_meta m
    order by 1, a.position
  `.cursor(ENTRIES_PER_READ);
  let run: RunEntries | undefined;
  for await (const page of rows) {
    signal.throwIfAborted();
    for (const found of page) {
      const row = rowSchema.safeParse(found);
      if (!row.success) {
        const { key, id } = z.object({ key: z.number(), id: z.string().nullable() }).parse(found);
        report({ kind: 'journal', run: { key, id: id ?? undefined }, sentence: 'a journal entry cannot be read.' });
        continue;
      }
      if (run?.key !== row.data.key) {
        run?.finish();
        run = new RunEntries(row.data, report);
      }
      if (row.data.position !== null) run.add(row.data);
    }
  }
  run?.finish();
}

/** The entries of one run, as they come by rising position. */
class RunEntries {
  readonly key: number;
  readonly #run: Row;
  readonly #report: RunReport;
  #last: Entry | undefined;
  #ends = 0;

  constructor(run: Row, report: Report) {
    this.key = run.key;
    this.#run = run;
    this.#report = new RunReport({ key: run.key, id: run.id ?? undefined }, report);
  }

  add(entry: Entry): void {
    const { position, first_line: first, line_count: count, status, run_end: end } = entry;
    const before = this.#last;
    const expected = before ? before.first_line + before.line_count : this.#run.is_whole ? 1 : first;
    if (first !== expected) {
      this.#add(`entry ${position} begins at line ${first}, where line ${expected} was expected.`);
    }
    if (count < 0) this.#add(`entry ${position} has ${count} lines.`);
    if (endsStreams(status) !== (end !== null)) {
      this.#add(`entry ${position} is of a run that is ${status}, and has ${end ? 'a' : 'no'} run-end.`);
    }
    if (end) {
      const mayBeLater = this.#ends === 0 && !this.#run.is_whole;
      if (end.number !== this.#ends + 1 && !mayBeLater) {
        this.#add(`entry ${position} has run-end ${end.number}, where ${this.#ends + 1} was expected.`);
      }
      if (end.status !== status) this.#add(`entry ${position} is ${status}, and its run-end ${end.status}.`);
      this.#ends = end.number;
    }
    this.#last = entry;
  }

  finish(): void {
    const { last_line: lastLine, run_status: status, ends, is_whole: isWhole } = this.#run;
    if (lastLine !== null) {
      const last = this.#last;
      const reached = last ? last.first_line + last.line_count - 1 : 0;
      if (last ? reached !== lastLine : isWhole && lastLine > 0) {
        this.#add(`the journal goes to line ${reached}, and the run to line ${lastLine}.`);
      }
      if (last && last.status !== status) this.#add(`the journal says ${last.status}, and the run ${status}.`);
      if (ends !== null && ends !== this.#ends && (this.#ends > 0 || isWhole)) {
        this.#add(`the journal goes to run-end ${this.#ends}, and the run to ${ends}.`);
      }
    }
    this.#report.finish();
  }

  #add(sentence: string): void {
    this.#report.add('journal', sentence);
  }
}
