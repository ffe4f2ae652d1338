import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedReads } from './shared-reads';

/** Reads that end when they are told to. */
function makeReads() {
  const reads = new SharedReads<string>(2);
  const begun: Array<{ signal: AbortSignal; finish: (text: string) => void; fail: (error: Error) => void }> = [];
  const read = (key: string, signal = new AbortController().signal) =>
    reads.read(
      key,
      signal,
      (shared) => new Promise((resolve, reject) => begun.push({ signal: shared, finish: resolve, fail: reject })),
    );
  return { read, begun };
}

test('the same read at the same time is made once, another one and a later one on its own', async () => {
  const { read, begun } = makeReads();
  const both = Promise.all([read('a'), read('a')]);
  const other = read('b');
  assert.equal(begun.length, 2);
  begun[0]?.finish('one');
  begun[1]?.finish('two');
  assert.deepEqual(await both, ['one', 'one']);
  assert.equal(await other, 'two');
  const later = read('a');
  begun[2]?.finish('three');
  assert.equal(await later, 'three');
});

test('who leaves is told so at once, and the read goes on until the last one has left', async () => {
  const { read, begun } = makeReads();
  const first = new AbortController();
  const second = new AbortController();
  const answers = [read('a', first.signal), read('a', second.signal)];
  first.abort(new Error('gone'));
  await assert.rejects(answers[0] ?? Promise.resolve(), /gone/);
  assert.equal(begun[0]?.signal.aborted, false);
  second.abort(new Error('gone too'));
  await assert.rejects(answers[1] ?? Promise.resolve(), /gone too/);
  assert.equal(begun[0]?.signal.aborted, true);
  // What was given up is nobody's answer.
  const next = read('a');
  begun[1]?.finish('new');
  assert.equal(await next, 'new');
  await assert.rejects(read('a', first.signal), /gone/);
  assert.equal(begun.length, 2);
});

test('a failure is that of all who wait, and of nobody after them', async () => {
  const { read, begun } = makeReads();
  const both = [read('a'), read('a')];
  begun[0]?.fail(new Error('away'));
  for (const answer of both) await assert.rejects(answer, /away/);
  const next = read('a');
  begun[1]?.finish('back');
  assert.equal(await next, 'back');
});

test('no more than so many are under way; the others follow, and those whose readers left are not begun', async () => {
  const few = new SharedReads<string>(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const read = (key: string, signal = new AbortController().signal) =>
    few.read(key, signal, () => {
      begun.push(key);
      return new Promise((resolve) => ends.set(key, () => resolve(key)));
    });
  const leaving = new AbortController();
  const all = [read('a'), read('b'), read('c', leaving.signal), read('d')];
  const left = assert.rejects(all[2] ?? Promise.resolve());
  assert.deepEqual(begun, ['a', 'b']);
  leaving.abort(new Error('gone'));
  await left;
  ends.get('a')?.();
  await all[0];
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(begun, ['a', 'b', 'd']);
  ends.get('b')?.();
  ends.get('d')?.();
  assert.deepEqual(await Promise.all([all[1], all[3]]), ['b', 'd']);
});
