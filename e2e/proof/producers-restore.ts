import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { freshId } from '@/e2e/api-client';
import { StratalServer } from '@/e2e/stratal-server';
import { connect } from '@/lib/store/database';
import { startEmbeddedProcess } from '@/lib/store/testing/embedded-process';
import { AnswerCount, judge, type ScenarioOutcome } from './outcome';
import { ProofProducer } from './proof-producer';

const run = promisify(execFile);

/** A store is put back to what it was: the producer is told where that is, and sends the rest again from its spool. */
export async function comeBackAfterRestore(lines: number): Promise<ScenarioOutcome> {
  const server = await StratalServer.start();
  const broken: string[] = [];
  try {
    const job = { place: 0, id: freshId('restored') };
    const producer = new ProofProducer({ name: 'spooling', run: job });
    const answers = new AnswerCount();
    const half = Math.floor(lines / 2);
    answers.add(await producer.send(server.url, 0, half));
    await server.stop();
    const copy = `${server.dataDir}-copy`;
    // With owners: started by root, Postgres runs as another user.
    await run('cp', ['-a', server.dataDir, copy]);
    await server.startAgain();
    answers.add(await producer.send(server.url, half, lines));
    await server.stop();
    await rm(server.dataDir, { recursive: true });
    await rename(copy, server.dataDir);
    await beginNewEpoch(server.dataDir);
    await server.startAgain();
    const refused = answers.add(await producer.send(server.url, lines, lines + 10));
    if (refused?.status !== 409 || refused.next !== half) {
      broken.push(`promise 5: after the restore it was told ${JSON.stringify(refused)}, not 409 with next ${half}`);
    }
    answers.add(await producer.send(server.url, refused?.next ?? 0, lines + 10));
    broken.push(...(await judge(server.url, [job], [producer])));
    return { scenario: 'comes back after a restore', lines: lines + 10, answers: answers.counts, broken };
  } finally {
    await server.close();
  }
}

/** Another line of history, as an operator begins it after a restore. */
async function beginNewEpoch(dataDir: string): Promise<void> {
  const embedded = startEmbeddedProcess(dataDir);
  const sql = connect(await embedded.connection, 1);
  await sql`update store_meta set epoch = substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)`;
  await sql.end();
  await embedded.end('SIGTERM');
}
