import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import type { CreateRunOp } from './store';
import { makeLine } from './testing/make-lines';
import { appendLines, committed, makeRun, openTestStore, type TestStore } from './testing/test-store';

describe('runs', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  async function create(id: string, fields: Partial<CreateRunOp> = {}) {
    const op: CreateRunOp = { kind: 'create', id, jobName: `job ${id}`, status: 'running', ...fields };
    return committed(await context.store.append([op], [])).outcomes[0];
  }

  test('lists runs newest started first and pages through them without a gap or a double', async () => {
    const { store } = context;
    const startUs = 1_700_000_000_000_000;
    for (let n = 0; n < 23; n++)
      await create(`list-${n}`, { jobName: 'listed', startedAtUs: startUs + (n % 5) * 1000 });
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await store.listRuns({ jobs: 'all', limit: 4, after, q: 'listed' });
      seen.push(...page.runs.map((run) => run.id));
      if (page.next === null) break;
      after = page.next;
      // A run that starts meanwhile is newer than all pages that follow.
      await create(`list-new-${seen.length}`, { jobName: 'listed', startedAtUs: startUs + 1_000_000 });
    }
    const old = seen.filter((id) => !id.startsWith('list-new'));
    assert.equal(new Set(old).size, 23);
    assert.equal(old.length, 23);
    const rank = (id: string) => Number(id.slice(5)) % 5;
    assert.deepEqual(
      old.map(rank),
      old.map(rank).toSorted((a, b) => b - a),
    );
  });

  test('ends a page early where the metadata of its runs are large, and goes on after it', async () => {
    const { store } = context;
    const metadata = { text: 'x'.repeat(1_000_000), ['__proto__']: { kept: 1 } };
    for (let n = 0; n < 9; n++) await create(`heavy-${n}`, { jobName: 'heavy', metadata });
    const sizes: number[] = [];
    const seen = new Set<string>();
    for (let after: string | undefined; ; ) {
      const page = await store.listRuns({ jobs: 'all', limit: 200, after, q: 'heavy' });
      sizes.push(page.runs.length);
      for (const run of page.runs) seen.add(run.id);
      assert.deepEqual(page.runs[0]?.metadata, metadata);
      if (page.next === null) break;
      after = page.next;
    }
    assert.deepEqual([sizes, seen.size], [[4, 4, 1], 9]);
  });

  test('reads runs by key in pages with little metadata each, and leaves out what is larger than asked for', async () => {
    const { store } = context;
    const keys: number[] = [];
    for (let n = 0; n < 6; n++) {
      const size = n < 5 ? 1_000_000 : 100;
      await create(`by-key-${n}`, { metadata: { text: 'x'.repeat(size) } });
      keys.push((await makeRun(store, `by-key-${n}`)).key);
    }
    const read = async (metadataBytesMax?: number) => {
      const pages: number[][] = [];
      for await (const runs of store.readRunsByKey(keys, metadataBytesMax)) {
        pages.push(runs.map((run) => String(run.metadata?.text ?? '').length));
      }
      return pages;
    };
    const whole = await read();
    assert.deepEqual(
      whole.map((page) => page.length),
      [4, 2],
    );
    assert.equal(Math.min(...whole.flat()), 100);
    assert.deepEqual(await read(1000), [[0, 0, 0, 0, 0], [100]]);
  });

  test('finds runs by a part of name or id, taking % and _ as they are', async () => {
    const { store } = context;
    await create('find-1', { jobName: '100% done' });
    await create('find-2', { jobName: '100 percent' });
    const names = async (q: string) => (await store.listRuns({ jobs: 'all', limit: 10, q })).runs.map((run) => run.id);
    assert.deepEqual(await names('100%'), ['find-1']);
    assert.deepEqual(await names('FIND-2'), ['find-2']);
    assert.deepEqual(await names('find_1'), []);
    const byStatus = await store.listRuns({ jobs: 'all', limit: 200, status: ['failed'] });
    assert.ok(byStatus.runs.every((run) => run.status === 'failed'));
  });

  test('lists the runs of visible jobs alone, page by page', async () => {
    const { store } = context;
    for (const name of ['secret-1', 'open-1', 'open-2', '100%'])
      await create(`seen-${name.replace('%', '')}`, { jobName: name });
    const names = async (jobs: string[]) =>
      (await store.listRuns({ jobs, limit: 10 })).runs.map((run) => run.job_name).sort();
    assert.deepEqual(await names(['open-*']), ['open-1', 'open-2']);
    assert.deepEqual(await names(['open-2', 'secret-*']), ['open-2', 'secret-1']);
    assert.deepEqual(await names([]), []);
    assert.deepEqual(await names(['1%']), [], '% is no wildcard');
  });

  test('refuses a list cursor that is none', async () => {
    await assert.rejects(
      context.store.listRuns({ jobs: 'all', limit: 1, after: 'x' }),
      (error) => isStratalError(error) && error.code === 'STRATAL_BAD_CURSOR',
    );
  });

  test('answers the run there is to the same id and name, and a conflict to another name', async () => {
    assert.equal((await create('same'))?.kind, 'done');
    assert.equal((await create('same'))?.kind, 'unchanged');
    const other = await create('same', { jobName: 'another' });
    assert.ok(other?.kind === 'conflict' && other.jobName === 'job same');
  });

  test('merges metadata and keeps what a change does not name', async () => {
    const { store } = context;
    await create('meta', { metadata: { host: 'a', nested: { x: 1 } } });
    assert.equal(await store.updateRun('meta', { metadata: { commit: 'abc' }, pinned: true }), true);
    const run = await store.readRun('meta');
    assert.deepEqual(run?.metadata, { host: 'a', nested: { x: 1 }, commit: 'abc' });
    assert.equal(run?.pinned, true);
    assert.equal(await store.updateRun('nobody', { pinned: true }), false);
  });

  test('forgets a deleted run with its lines, tasks and cached chunks, and takes its id anew', async () => {
    const { store } = context;
    const run = await makeRun(store, 'again');
    await store.createTask({ runId: 'again', name: 'build', status: 'running', id: 'again-task' });
    await appendLines(store, run, [makeLine('old')]);
    assert.equal((await store.readBatch(run, 1))?.message(0), 'old');
    assert.equal(await store.deleteRun('again'), true);
    assert.equal(await store.deleteRun('again'), false);
    assert.equal(await store.readTask('again-task'), undefined);
    assert.equal(await store.readBatch(run, 1), undefined);
    const anew = await makeRun(store, 'again');
    assert.notEqual(anew.key, run.key);
    assert.equal((await store.runHeadByKey(anew.key))?.lastLine, 0);
  });
});
