import { z } from 'zod';
import { endsStreams, statusSchema } from '@/lib/protocol/run';
import type { Sql } from './database';
import type { RunHead } from './store';
import { toStoreError } from './store-error';

const rowSchema = z.object({
  key: z.number(),
  id: z.string(),
  status: statusSchema,
  first_line: z.number(),
  last_line: z.number(),
  ends: z.number(),
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
  finished_at: z.number().nullable(),
});

/** Where a run stands, by id or key; undefined where there is none. */
export async function readRunHead(sql: Sql, by: { id: string } | { key: number }): Promise<RunHead | undefined> {
  try {
    const [row] = await sql`
      select key, id, status, first_line, last_line, ends, exit_code, signal, finished_at from job_runs
      where ${'id' in by ? sql`id = ${by.id}` : sql`key = ${by.key}`}
    `;
    return row && toRunHead(rowSchema.parse(row));
  } catch (error) {
    throw toStoreError(error);
  }
}

function toRunHead(row: z.infer<typeof rowSchema>): RunHead {
  const head: RunHead = {
    key: row.key,
    id: row.id,
    status: row.status,
    firstLine: row.first_line,
    lastLine: row.last_line,
  };
  if (endsStreams(row.status)) {
    head.end = {
      number: row.ends,
      status: row.status,
      exitCode: row.exit_code ?? undefined,
      signal: row.signal ?? undefined,
      finishedAtUs: row.finished_at ?? undefined,
    };
  }
  return head;
}
