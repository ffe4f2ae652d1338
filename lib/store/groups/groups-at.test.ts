import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LineInput } from '@/lib/store/line-batch';
import { mergeRun } from '@/lib/store/merge';
import type { OpenStore } from '@/lib/store/open-store';
import type { RunRef } from '@/lib/store/store';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { countBetween } from './count-between';

const GOES_ON = new AbortController().signal;

/** The groups at a line, in short. */
async function told(store: OpenStore, run: RunRef, at: number) {
  const { groups } = await store.groupsAt(run, at, GOES_ON);
  return groups?.map(({ line, end, lines, errors, before }) => [line.message, end, lines, errors, before.lines]);
}

describe('groupsAt', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  test('a run that grows: what was open is told with its end and with more lines', async () => {
    const { store } = context;
    const run = await makeRun(store, 'grows');
    assert.deepEqual(await store.groupsAt(run, 1, GOES_ON), { groups: [], through: 0 });
    await appendLines(store, run, [makeLine('--- Build'), makeLine('one')]);
    assert.deepEqual(await told(store, run, 2), [['--- Build', undefined, 1, 0, 0]]);
    await appendLines(store, run, [makeLine('two', { level: 'error' }), makeLine('--- Test'), makeLine('three')]);
    assert.deepEqual(await told(store, run, 2), [['--- Build', 4, 2, 1, 0]]);
    assert.deepEqual(await told(store, run, 4), [['--- Build', 4, 2, 1, 2]]);
    assert.deepEqual(await told(store, run, 5), [['--- Test', undefined, 1, 0, 0]]);
    assert.deepEqual(await told(store, run, 1000), [['--- Test', undefined, 1, 0, 1]]);
  });

  test('is right while the run is written and merged', async () => {
    const { store } = context;
    const other = await context.openAnother();
    const run = await makeRun(store, 'contended');
    await appendLines(store, run, [makeLine('::group::All'), makeLine('x')]);
    let isWriting = true;
    const write = async () => {
      for (let n = 0; n < 150; n++) {
        await appendLines(other, run, [makeLine('--- step'), makeLine('y', { level: n % 2 === 0 ? 'warn' : 'info' })]);
        if (n % 20 === 19) await mergeRun(other.database.sql, run.key, { isEnded: true });
      }
      isWriting = false;
    };
    const read = async () => {
      while (isWriting) {
        const { groups, through } = await store.groupsAt(run, 3, GOES_ON);
        // Two lines at the start, then a marker and a line by turns.
        const steps = (through - 2) / 2;
        assert.equal(groups?.[0]?.lines, 1 + steps);
        assert.equal(groups?.[0]?.warnings, Math.ceil(steps / 2));
        assert.deepEqual(groups?.[0]?.before, { lines: 1, errors: 0, warnings: 0 });
      }
    };
    await Promise.all([write(), read(), read()]);
    assert.deepEqual(await told(store, run, 100), [
      ['::group::All', undefined, 151, 0, 49],
      ['--- step', 101, 1, 0, 0],
    ]);
  });

  test('of many groups the innermost are told', async () => {
    const { store } = context;
    const run = await makeRun(store, 'many');
    const lines: LineInput[] = [];
    for (let n = 0; n < 5; n++) {
      const task = await store.resolveTask(run, { name: `t${n}` });
      for (let depth = 0; depth < 70; depth++) lines.push(makeLine('::group::x', { task }));
    }
    await appendLines(store, run, lines);
    const { groups } = await store.groupsAt(run, 1000, GOES_ON);
    assert.equal(groups?.length, 128);
    // Deeper than 64 a marker is a line of the innermost group.
    assert.equal(groups.at(-1)?.line.id, 4 * 70 + 64);
    assert.equal(groups.at(-1)?.lines, 6);
  });

  test('marks that are too long to be read at once are read in turn', async () => {
    const { store } = context;
    const run = await makeRun(store, 'names');
    const name = (letter: string) => letter.repeat(256);
    const ends = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => `section_end:1:${name(letter)}\r`).join('');
    const rounds = 8;
    const lines = Array.from({ length: 300 }, () => makeLine(`${ends}section_start:1:${name('a')}\rtitle`));
    await appendLines(store, run, [makeLine('::group::All'), ...lines]);
    // Chunks are full, so that no merge makes them one.
    for (let round = 1; round < rounds; round++) await appendLines(store, run, lines);
    await appendLines(store, run, [makeLine('x'), makeLine('::endgroup::')]);
    const last = 1 + rounds * 300 + 1;
    const { groups } = await store.groupsAt(run, last, GOES_ON);
    assert.deepEqual(
      groups?.map(({ line, end, lines }) => [line.id, end, lines]),
      [
        [1, last + 1, 1],
        [last - 1, last + 1, 1],
      ],
    );
  });

  test('is given up where the one who asked has gone, also between chunks that are counted line by line', async () => {
    const { store } = context;
    const run = await makeRun(store, 'left');
    for (let chunk = 0; chunk < 4; chunk++) await appendLines(store, run, [makeLine('::group::x'), makeLine('y')]);
    const gone = new AbortController();
    gone.abort(new Error('gone'));
    await assert.rejects(store.groupsAt(run, 7, gone.signal), /gone/);

    const leaving = new AbortController();
    const { sql } = store.database;
    const watched = new Proxy(sql, {
      apply: (target, self, given) => {
        const query: ReturnType<typeof sql> = Reflect.apply(target, self, given);
        const cursor = query.cursor.bind(query);
        const watchedCursor = async function* (rows: number) {
          for await (const page of cursor(rows)) {
            // A turn after the rows are there.
            setImmediate(() => leaving.abort(new Error('left')));
            yield page;
          }
        };
        return Object.assign(query, { cursor: watchedCursor });
      },
    });
    const query = { bounds: [2, 4, 6, 8], tasks: [0] };
    await assert.rejects(countBetween(watched, run.key, query, leaving.signal), /left/);
    const { counts } = await countBetween(sql, run.key, query, GOES_ON);
    assert.equal(counts.between(0, 2, 8).lines, 6);
  });

  test('a run that is not there is told so', async () => {
    await assert.rejects(context.store.groupsAt({ key: 4711, id: 'nobody' }, 1, GOES_ON), /no job run nobody/);
  });
});
