import { mergeRun } from '@/lib/store/merge';
import type { OpenStore } from '@/lib/store/open-store';
import type { AppendOp, RunRef } from '@/lib/store/store';
import { makeLine } from './make-lines';
import { committed, makeRun } from './test-store';

/** As ingest counts them: the bytes of the messages. */
export function linesOf(run: RunRef, lines: Array<ReturnType<typeof makeLine>>): AppendOp {
  const byteCount = lines.reduce((sum, line) => sum + Buffer.byteLength(line.message), 0);
  return { kind: 'lines', run, lines, byteCount, maskedCount: 0, replacedCount: 0 };
}

/** Runs of every kind, as a store has them after some use: see the ids. The run `merged` has chunks that were merged and one that was not. */
export async function fillStore(store: OpenStore): Promise<void> {
  const append = async (...ops: AppendOp[]) => committed(await store.append(ops, []));
  const source = 'c3f1c1de-0000-4000-8000-000000000001';

  const merged = await makeRun(store, 'merged');
  const [build, test] = [
    await store.resolveTask(merged, { name: 'build' }),
    await store.resolveTask(merged, { name: 'test' }),
  ];
  for (let n = 0; n < 20; n++) {
    const task = [build, test, undefined][n % 3];
    const lines = [
      makeLine(`line ${n} äöü 🚀`, { ...(task && { task }), timeUs: 1_700_000_000_000_000 + (n % 7) * 1000 }),
      makeLine(`part of ${n}`, { continues: true, stream: 'stderr', level: 'error' }),
      makeLine('', { level: n % 2 === 0 ? 'debug' : 'warn', attributes: `{"n":${n},"host":"ä"}` }),
    ];
    await append(linesOf(merged, lines));
  }
  await mergeRun(store.database.sql, merged.key, { isEnded: true });
  committed(
    await store.append([linesOf(merged, [makeLine('one more', { task: build })])], [{ source, expected: 0, next: 1 }]),
  );

  const announced = (id: string, status: 'pending' | 'running', heartbeatSeconds?: number): AppendOp => ({
    kind: 'create',
    id,
    jobName: 'check',
    status,
    heartbeatSeconds,
  });
  await append(announced('finished', 'running'), announced('pending', 'pending'), announced('revived', 'running', 1));
  const finished = await makeRun(store, 'finished');
  await append(linesOf(finished, [makeLine('work'), makeLine('more work', { level: 'warn' })]));
  await append({ kind: 'finish', run: finished, finish: { status: 'failed', exitCode: 3 } });
  await append(linesOf(finished, [makeLine('late')]));

  const revived = await makeRun(store, 'revived');
  const silentSinceUs = Number.MAX_SAFE_INTEGER;
  await append({ kind: 'lose', run: revived, silentSinceUs });
  await append(linesOf(revived, [makeLine('still here')]));
  await append({ kind: 'lose', run: revived, silentSinceUs });
  await append({ kind: 'heartbeat', run: revived });

  const started = await makeRun(store, 'started');
  await append({ kind: 'finish', run: started, finish: { status: 'completed' } });
  const split = await makeRun(store, 'split');
  for (let n = 0; n < 3; n++)
    await append(
      linesOf(
        split,
        Array.from({ length: 100 }, () => makeLine('some text')),
      ),
    );
  const deleted = await makeRun(store, 'deleted');
  await append(linesOf(deleted, [makeLine('gone')]));
  await store.deleteRun('deleted');
}
