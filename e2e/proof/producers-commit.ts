import { setTimeout as delay } from 'node:timers/promises';
import { freshId } from '@/e2e/api-client';
import { createRun, finishRun } from '@/e2e/rest-client';
import { connect, type Sql } from '@/lib/store/database';
import { AnswerCount, judge, type ScenarioOutcome } from './outcome';
import { ProofProducer } from './proof-producer';
import { RawReader } from './raw-reader';
import { READER_KINDS } from './reader-kinds';
import type { ServerPair } from './server-pair';
import { until } from './until';

/** The transaction lock of stratal_append: who holds it holds every commit back. */
const APPEND_LOCK = 7310010;
const BATCH = 20;
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 20_000;

type End = 'terminate' | 'SIGKILL';

/** Where a backend is when it is ended: before its transaction has committed, or after it, with the answer still to come. */
type Window = 'before the commit' | 'after the commit';

/** Postgres ends in the middle of a commit: the producer is told that nobody knows, repeats, and each line is there once. */
export async function breakCommits(pair: ServerPair, ends: readonly End[]): Promise<ScenarioOutcome> {
  const sql = connect(pair.connection, 2);
  const run = { place: 0, id: freshId('commit') };
  const producer = new ProofProducer({ name: 'committing', run });
  const answers = new AnswerCount();
  const broken: string[] = [];
  const sse = READER_KINDS.sse;
  if (!sse) throw new TypeError('there is no SSE reader');
  await createRun(pair.direct.url, run.id);
  const reader = new RawReader('sse', sse, { name: 'sse', run, runs: [run], target: () => pair.handler.url });
  reader.start();
  try {
    await producer.send(pair.direct.url, 0, BATCH);
    for (const end of ends) {
      for (const window of ['before the commit', 'after the commit'] as const) {
        const from = producer.position;
        const lost = await sendIntoEnd(sql, pair, producer, window, end);
        answers.add(lost);
        if (lost?.status !== 503 || lost.code !== 'STRATAL_INGEST_UNCERTAIN') {
          broken.push(`ended ${window} (${end}), the producer was told ${JSON.stringify(lost)}`);
        }
        const again = await repeat(pair, producer, from, answers);
        const wanted =
          window === 'after the commit' ? { accepted: 0, skipped: BATCH } : { accepted: BATCH, skipped: 0 };
        if (again?.accepted !== wanted.accepted || again.skipped !== wanted.skipped) {
          broken.push(`promise 5: ended ${window} (${end}), the repeat was told ${JSON.stringify(again)}`);
        }
      }
    }
    await finishRun(pair.direct.url, run.id);
    await until(() => reader.isOver, PATIENCE_MS);
    broken.push(...(await judge(pair.direct.url, [run], [producer], [reader.record])));
    const scenario = 'Postgres ends during a commit';
    return { scenario, lines: producer.position, answers: answers.counts, broken };
  } finally {
    await reader.stop();
    await sql.end({ timeout: 5 });
  }
}

async function sendIntoEnd(sql: Sql, pair: ServerPair, producer: ProofProducer, window: Window, end: End) {
  const release = window === 'before the commit' ? await holdAppends(pair) : await holdAnswers(sql);
  const from = producer.position;
  const sent = producer.send(pair.direct.url, from, from + BATCH);
  const pid = await waitingBackend(sql, window);
  // SIGKILL of one backend makes Postgres end all of them and recover: the holder's lock goes the same way.
  if (end === 'SIGKILL') process.kill(pid, 'SIGKILL');
  else await sql`select pg_terminate_backend(${pid})`;
  const answer = await sent;
  await release();
  return answer;
}

/** A lock that the append waits for, on a session of its own: its end gives the lock back. */
async function holdAppends(pair: ServerPair): Promise<() => Promise<void>> {
  const holder = connect(pair.connection, 1);
  await holder`select pg_advisory_lock(${APPEND_LOCK})`;
  return () => holder.end({ timeout: 1 });
}

/** A standby that never comes: a transaction commits here, then waits for it before it answers. */
async function holdAnswers(sql: Sql): Promise<() => Promise<void>> {
  await configure(sql, `alter system set synchronous_standby_names = 'nobody'`);
  await patiently(() => holdsCommit(sql));
  return () => configure(sql, 'alter system reset synchronous_standby_names');
}

/** True where a commit waits for its standby: the setting counts from when the checkpointer has seen it, not from when sessions do. */
async function holdsCommit(sql: Sql): Promise<true | undefined> {
  const probe = await sql.reserve();
  try {
    const [own] = await probe`select pg_backend_pid() as pid`;
    let isOver = false;
    const commit = probe`select pg_logical_emit_message(true, 'probe', '')`.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    const isHeld = await patiently(async () => {
      if (isOver) return false;
      const [row] = await sql`select wait_event from pg_stat_activity where pid = ${Number(own?.pid)}`;
      return row?.wait_event === 'SyncRep' ? true : undefined;
    });
    if (isHeld) await sql`select pg_cancel_backend(${Number(own?.pid)})`;
    await commit;
    return isHeld ? true : undefined;
  } finally {
    probe.release();
  }
}

/** Tried until Postgres is up again, and until it goes by the setting. */
async function configure(sql: Sql, statement: string): Promise<void> {
  const wanted = statement.includes('reset') ? '' : 'nobody';
  await patiently(async () => {
    await sql.unsafe(statement);
    await sql`select pg_reload_conf()`;
    const [row] = await sql`select current_setting('synchronous_standby_names') as value`;
    return row?.value === wanted ? true : undefined;
  });
}

async function waitingBackend(sql: Sql, window: Window): Promise<number> {
  const event = window === 'before the commit' ? 'advisory' : 'SyncRep';
  return patiently(async () => {
    const [row] = await sql`
      select pid from pg_stat_activity where wait_event = ${event} and query like '%stratal_append%' limit 1
    `;
    return typeof row?.pid === 'number' ? row.pid : undefined;
  });
}

async function repeat(pair: ServerPair, producer: ProofProducer, from: number, answers: AnswerCount) {
  return patiently(async () => {
    const answer = answers.add(await producer.send(pair.handler.url, from, from + BATCH));
    return answer?.status === 200 ? answer : undefined;
  });
}

async function patiently<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const result = await attempt().catch((error: unknown) => {
      if (performance.now() > end) throw error;
      return undefined;
    });
    if (result !== undefined) return result;
    if (performance.now() > end) throw new Error('it did not happen in time');
    await delay(LOOK_EVERY_MS);
  }
}
