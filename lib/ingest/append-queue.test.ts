import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import type { AppendResult, LogStore, RunRef } from '@/lib/store/store';
import { makeLine } from '@/lib/store/testing/make-lines';
import { makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { AppendQueue, type BatchLine, RunGoneError } from './append-queue';

function batch(run: RunRef, texts: readonly string[]): BatchLine[] {
  return texts.map((text) => ({ run, parts: [makeLine(text)], byteCount: text.length, replacedCount: 0 }));
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
}

describe('AppendQueue', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  async function texts(run: RunRef): Promise<string[]> {
    const page = await context.store.readPage({ run, start: { kind: 'offset', offset: 0 }, limit: 1000, filter: {} });
    return page.lines.map(({ batch: lines, index }) => lines.message(index));
  }

  test('stores a batch that is sent twice at once, on two nodes, once', async () => {
    const { store } = context;
    const run = await makeRun(store, 'twice');
    const queues = [new AppendQueue(store, () => {}), new AppendQueue(await context.openAnother(), () => {})];
    const source = randomUUID();
    for (let round = 0; round < 10; round++) {
      const position = round * 5;
      const lines = batch(run, range(position, position + 5));
      const answers = await Promise.all(
        queues.flatMap((queue) => [queue.lines({ source, position, lines }), queue.lines({ source, position, lines })]),
      );
      assert.equal(
        answers.reduce((sum, answer) => sum + answer.accepted, 0),
        5,
      );
      assert.equal(
        answers.reduce((sum, answer) => sum + answer.skipped, 0),
        15,
      );
      assert.ok(answers.every((answer) => answer.next === position + 5));
    }
    assert.deepEqual(await texts(run), range(0, 50));
  });

  test('skips what a re-cut batch repeats and stores the rest', async () => {
    const { store } = context;
    const run = await makeRun(store, 'recut');
    const queue = new AppendQueue(store, () => {});
    const source = randomUUID();
    await queue.lines({ source, position: 0, lines: batch(run, range(0, 7)) });
    const answer = await queue.lines({ source, position: 4, lines: batch(run, range(4, 12)) });
    assert.deepEqual(answer, { accepted: 5, skipped: 3, next: 12 });
    assert.deepEqual(await texts(run), range(0, 12));
  });

  test('has the next commit on its way before it tells of one, in commit order, readers first', async () => {
    const { store } = context;
    const run = await makeRun(store, 'overlap');
    const heard: string[] = [];
    let appends = 0;
    const counting: typeof store = {
      ...store,
      append: (ops, sources) => {
        heard.push(`append ${++appends}`);
        return store.append(ops, sources);
      },
    };
    const queue = new AppendQueue(counting, ({ commits }) => heard.push(`readers to ${commits[0]?.entry.firstLine}`));
    const answers: Promise<unknown>[] = [];
    const post = (text: string) => {
      answers.push(queue.lines({ lines: batch(run, [text]) }).then(() => heard.push(`answer ${text}`)));
    };
    post('a');
    await Promise.resolve();
    await Promise.resolve();
    post('b');
    await Promise.all(answers);
    await queue.drained();
    assert.deepEqual(
      heard.filter((what) => !what.startsWith('answer')),
      ['append 1', 'append 2', 'readers to 1', 'readers to 2'],
    );
    assert.ok(heard.indexOf('readers to 1') < heard.indexOf('answer a'));
    assert.ok(heard.indexOf('readers to 2') < heard.indexOf('answer b'));
    assert.ok(heard.indexOf('answer a') < heard.indexOf('answer b'));
  });

  test('tells of a commit though the next one fails, and answers for one whose listener throws', async () => {
    const { store } = context;
    const run = await makeRun(store, 'owed');
    let appends = 0;
    const failing: typeof store = {
      ...store,
      append: (ops, sources) => {
        appends += 1;
        return appends === 2 ? Promise.reject(new Error('down')) : store.append(ops, sources);
      },
    };
    const heard: Array<number | undefined> = [];
    const errors: unknown[] = [];
    const onCommit = ({ commits }: { commits: Array<{ entry: { firstLine: number } }> }) => {
      heard.push(commits[0]?.entry.firstLine);
      throw new Error('a listener failed');
    };
    const queue = new AppendQueue(failing, onCommit, (error) => errors.push(error));
    const posts = [queue.lines({ lines: batch(run, ['a']) })];
    await Promise.resolve();
    await Promise.resolve();
    posts.push(queue.lines({ lines: batch(run, ['b']) }));
    const answers = await Promise.allSettled(posts);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    await queue.lines({ lines: batch(run, ['c']) });
    await queue.drained();
    assert.deepEqual(heard, [1, 2]);
    assert.equal(errors.length, 2);
    assert.deepEqual(await texts(run), ['a', 'c']);
  });

  test('tells of a commit before it encodes a large group', async () => {
    const { store } = context;
    const run = await makeRun(store, 'large');
    const heard: string[] = [];
    const counting: typeof store = {
      ...store,
      append: (ops, sources) => {
        heard.push('append');
        return store.append(ops, sources);
      },
    };
    const queue = new AppendQueue(counting, () => heard.push('readers'));
    for (const large of [range(0, 201), ['x'.repeat(70_000)]]) {
      heard.length = 0;
      const posts = [queue.lines({ lines: batch(run, ['a']) })];
      await Promise.resolve();
      await Promise.resolve();
      posts.push(queue.lines({ lines: batch(run, large) }));
      await Promise.all(posts);
      assert.deepEqual(heard, ['append', 'readers', 'append', 'readers']);
    }
  });

  test('refuses a position ahead of the source, naming the next one, and stores nothing of it', async () => {
    const { store } = context;
    const run = await makeRun(store, 'ahead');
    const queue = new AppendQueue(store, () => {});
    const source = randomUUID();
    await queue.lines({ source, position: 0, lines: batch(run, range(0, 2)) });
    await assert.rejects(
      queue.lines({ source, position: 3, lines: batch(run, range(3, 5)) }),
      (error) => isStratalError(error) && error.code === 'STRATAL_INGEST_POSITION' && error.members.next === 2,
    );
    assert.deepEqual(await texts(run), range(0, 2));
  });

  test('knows how far a source has come by another node', async () => {
    const { store } = context;
    const run = await makeRun(store, 'moved');
    const here = new AppendQueue(store, () => {});
    const there = new AppendQueue(await context.openAnother(), () => {});
    const source = randomUUID();
    await here.lines({ source, position: 0, lines: batch(run, range(0, 3)) });
    await there.lines({ source, position: 3, lines: batch(run, range(3, 6)) });
    const answer = await here.lines({ source, position: 6, lines: batch(run, range(6, 9)) });
    assert.deepEqual(answer, { accepted: 3, skipped: 0, next: 9 });
    await there.lines({ source, position: 9, lines: batch(run, range(9, 10)) });
    assert.deepEqual(await here.lines({ source, position: 0, lines: [] }), { accepted: 0, skipped: 0, next: 10 });
    assert.deepEqual(await texts(run), range(0, 10));
  });

  test('joins what arrives while a commit is in flight into one', async () => {
    const { store } = context;
    const run = await makeRun(store, 'joined');
    let appends = 0;
    const counting: Pick<LogStore, 'append' | 'sourcePositions'> = {
      sourcePositions: (sources) => store.sourcePositions(sources),
      append: (ops, sources) => {
        appends++;
        return store.append(ops, sources);
      },
    };
    const queue = new AppendQueue(counting, () => {});
    await Promise.all(range(0, 100).map((text) => queue.lines({ lines: batch(run, [text]) })));
    assert.ok(appends <= 2, `100 batches took ${appends} commits`);
    assert.deepEqual(await texts(run), range(0, 100));
  });

  test('tells commits in order, before their producers are answered', async () => {
    const { store } = context;
    const run = await makeRun(store, 'told');
    const told: number[] = [];
    const queue = new AppendQueue(store, ({ commits }) => {
      for (const { entry } of commits) told.push(entry.firstLine);
    });
    for (let n = 1; n <= 5; n++) {
      await queue.lines({ lines: batch(run, [`line ${n}`]) });
      assert.equal(told.at(-1), n);
    }
  });

  test('finishes a run after the lines that were sent before', async () => {
    const { store } = context;
    const queue = new AppendQueue(store, () => {});
    const made = await queue.step({ kind: 'create', id: 'ordered', jobName: 'o', status: 'running' });
    assert.ok(made.kind === 'done');
    const { run } = made;
    const lines = queue.lines({ lines: batch(run, ['work']) });
    const finish = queue.step({ kind: 'finish', run, finish: { status: 'completed', exitCode: 0 } });
    const late = queue.lines({ lines: batch(run, ['late']) });
    await Promise.all([lines, finish, late]);
    assert.deepEqual(await texts(run), ['Job run started', 'work', 'Job run completed with exit code 0', 'late']);
  });

  test('tells a batch for a deleted run so, and commits the others of its group', async () => {
    const { store } = context;
    const deleted = await makeRun(store, 'deleted');
    const kept = await makeRun(store, 'kept');
    await store.deleteRun('deleted');
    const queue = new AppendQueue(store, () => {});
    const gone = queue.lines({ lines: batch(deleted, ['x']) });
    const fine = queue.lines({ lines: batch(kept, ['y']) });
    await assert.rejects(gone, RunGoneError);
    assert.equal((await fine).accepted, 1);
    assert.deepEqual(await texts(kept), ['y']);
  });

  test('asks the store where a source is after a commit whose outcome is not known', async () => {
    const { store } = context;
    const run = await makeRun(store, 'uncertain');
    const source = randomUUID();
    let isCut = false;
    const cutting: Pick<LogStore, 'append' | 'sourcePositions'> = {
      sourcePositions: (sources) => store.sourcePositions(sources),
      append: async (ops, sources): Promise<AppendResult> => {
        const result = await store.append(ops, sources);
        if (isCut) return result;
        isCut = true;
        // The commit happened, its answer did not arrive.
        throw new Error('connection closed');
      },
    };
    const queue = new AppendQueue(cutting, () => {});
    const request = { source, position: 0, lines: batch(run, range(0, 3)) };
    await assert.rejects(queue.lines(request), /connection closed/);
    assert.deepEqual(await queue.lines(request), { accepted: 0, skipped: 3, next: 3 });
    assert.deepEqual(await texts(run), range(0, 3));
  });
});
