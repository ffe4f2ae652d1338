import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { makeLine } from './testing/make-lines';
import { appendLines, committed, linesStep, makeRun, openTestStore, type TestStore } from './testing/test-store';

describe('append', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  test('numbers the lines of a run from 1 without a gap, whichever node appends them', async () => {
    const { store } = context;
    const other = await context.openAnother();
    const run = await makeRun(store, 'dense');
    await Promise.all(
      Array.from({ length: 40 }, (_, batch) =>
        appendLines(batch % 2 === 0 ? store : other, run, [makeLine(`${batch} a`), makeLine(`${batch} b`)]),
      ),
    );
    const page = await store.readPage({ run, start: { kind: 'offset', offset: 0 }, limit: 1000, filter: {} });
    assert.deepEqual(
      page.lines.map(({ batch, index }) => batch.firstLine + index),
      Array.from({ length: 80 }, (_, index) => index + 1),
    );
    const texts = page.lines.map(({ batch, index }) => batch.message(index));
    for (let batch = 0; batch < 40; batch++) {
      const at = texts.indexOf(`${batch} a`);
      assert.equal(texts[at + 1], `${batch} b`, 'lines of one batch stay together');
    }
  });

  test('gives positions in commit order, each naming the position before it', async () => {
    const { store } = context;
    const other = await context.openAnother();
    const run = await makeRun(store, 'positions');
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => appendLines(n % 2 === 0 ? store : other, run, [makeLine(`${n}`)])),
    );
    results.sort((a, b) => a.position - b.position);
    for (const [index, result] of results.entries()) {
      const earlier = results[index - 1];
      if (earlier) assert.equal(result.previousPosition, earlier.position);
    }
    const journal = await store.readJournal((results[0]?.position ?? 1) - 1, 100);
    assert.deepEqual(
      journal.map((entry) => entry.position),
      results.map((result) => result.position),
    );
    assert.deepEqual(
      journal.map((entry) => entry.firstLine),
      journal.map((_, index) => index + 1),
    );
  });

  test('stores nothing of a group whose source is elsewhere, and says where it is', async () => {
    const { store } = context;
    const run = await makeRun(store, 'stale');
    const source = randomUUID();
    const lines = [makeLine('once')];
    committed(await store.append([linesStep(run, lines)], [{ source, expected: 0, next: 1 }]));
    const again = await store.append([linesStep(run, lines)], [{ source, expected: 0, next: 1 }]);
    assert.deepEqual(again, { kind: 'stale', actual: new Map([[source, 1]]) });
    assert.equal((await store.runHeadByKey(run.key))?.lastLine, 1);
  });

  test('refuses lines for a deleted run as a whole, so that nothing is dropped silently', async () => {
    const { store } = context;
    const run = await makeRun(store, 'gone');
    const kept = await makeRun(store, 'kept');
    assert.equal(await store.deleteRun('gone'), true);
    const result = await store.append([linesStep(kept, [makeLine('x')]), linesStep(run, [makeLine('y')])], []);
    assert.deepEqual(result, { kind: 'gone', runKeys: [run.key] });
    assert.equal((await store.runHeadByKey(kept.key))?.lastLine, 0);
  });

  test('makes the start of a run its line 1, also where lines come while it is pending', async () => {
    const { store } = context;
    const made = committed(
      await store.append([{ kind: 'create', id: 'late', jobName: 'late', status: 'pending' }], []),
    );
    const [outcome] = made.outcomes;
    assert.ok(outcome && outcome.kind === 'done' && outcome.batch === undefined);
    const result = await appendLines(store, outcome.run, [makeLine('hello')]);
    assert.equal(result.outcomes.length, 1);
    assert.deepEqual(
      result.commits.map(({ entry }) => [entry.firstLine, entry.lineCount, entry.status]),
      [
        [1, 1, 'running'],
        [2, 1, 'running'],
      ],
    );
    const page = await store.readPage({
      run: outcome.run,
      start: { kind: 'offset', offset: 0 },
      limit: 10,
      filter: {},
    });
    assert.deepEqual(
      page.lines.map(({ batch, index }) => [batch.message(index), batch.facet(index).stream]),
      [
        ['Job run started', 'system'],
        ['hello', 'stdout'],
      ],
    );
  });

  test('keeps a final status: the same again is fine, another is a conflict, late lines make another run-end', async () => {
    const { store } = context;
    const made = committed(await store.append([{ kind: 'create', id: 'final', jobName: 'f', status: 'running' }], []));
    const run = made.outcomes[0]?.kind === 'done' ? made.outcomes[0].run : undefined;
    assert.ok(run);
    const failed = { kind: 'finish' as const, run, finish: { status: 'failed' as const, exitCode: 3 } };
    const [first] = committed(await store.append([failed], [])).outcomes;
    assert.ok(first?.kind === 'done');
    assert.deepEqual([first.entry.end?.number, first.entry.end?.exitCode, first.entry.lineCount], [1, 3, 1]);
    const [again] = committed(await store.append([failed], [])).outcomes;
    assert.equal(again?.kind, 'unchanged');
    const other = { kind: 'finish' as const, run, finish: { status: 'completed' as const } };
    const [conflict] = committed(await store.append([other], [])).outcomes;
    assert.ok(conflict?.kind === 'conflict' && conflict.status === 'failed');
    const late = await appendLines(store, run, [makeLine('late')]);
    assert.equal(late.commits[0]?.entry.end?.number, 2);
    const head = await store.runHeadByKey(run.key);
    assert.deepEqual([head?.lastLine, head?.end?.number, head?.status], [3, 2, 'failed']);
  });

  test('loses a silent run once, and its next line makes it running again', async () => {
    const { store } = context;
    const made = committed(
      await store.append([{ kind: 'create', id: 'silent', jobName: 's', status: 'running', heartbeatSeconds: 1 }], []),
    );
    const run = made.outcomes[0]?.kind === 'done' ? made.outcomes[0].run : undefined;
    assert.ok(run);
    const early = committed(await store.append([{ kind: 'lose', run, silentSinceUs: 0 }], []));
    assert.equal(early.outcomes[0]?.kind, 'unchanged', 'it was heard since');
    const silentSinceUs = Number.MAX_SAFE_INTEGER;
    const lost = committed(await store.append([{ kind: 'lose', run, silentSinceUs }], []));
    assert.equal(lost.commits[0]?.entry.status, 'lost');
    assert.equal(lost.commits[0]?.entry.lineCount, 0, 'losing a run adds no line');
    const revived = await appendLines(store, run, [makeLine('back')]);
    assert.deepEqual([revived.commits[0]?.entry.status, revived.commits[0]?.entry.end], ['running', undefined]);
    assert.equal((await store.runHeadByKey(run.key))?.end, undefined);
  });

  test('counts lines per level on run and task, and bytes as the producer sent them', async () => {
    const { store } = context;
    const run = await makeRun(store, 'counted');
    const task = await store.resolveTask(run, { name: 'build' });
    await appendLines(store, run, [
      makeLine('a', { task }),
      makeLine('b', { task, level: 'error' }),
      makeLine('c', { level: 'warn' }),
    ]);
    const stored = await store.readRun('counted');
    assert.deepEqual(stored?.level_counts, { info: 1, error: 1, warn: 1, debug: 0 });
    assert.equal(stored?.byte_count, 3);
    const [build] = (await store.listTasks({ runId: 'counted', limit: 10 })).tasks;
    assert.deepEqual(build?.level_counts, { info: 1, error: 1, warn: 0, debug: 0 });
  });
});
