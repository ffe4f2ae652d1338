import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FrameStore } from './frame-store';

let frames: Array<() => void> = [];
let now = 0;

/** Lets everything go on that waits for nothing but its turn. */
async function settle(): Promise<void> {
  await turn();
  mock.timers.tick(0);
  await turn();
}

function beginFrame(): void {
  const due = frames;
  frames = [];
  for (const callback of due) callback();
}

/** Lets the browser draw, which takes so long. */
async function drawFrame(tookMs: number): Promise<void> {
  await settle();
  beginFrame();
  await turn();
  now += tookMs;
  await settle();
}

async function pass(ms: number): Promise<void> {
  await settle();
  now += ms;
  mock.timers.tick(ms);
  await settle();
}

beforeEach(() => {
  frames = [];
  now = 1000;
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(performance, 'now', () => now);
  Object.assign(globalThis, {
    requestAnimationFrame: (callback: () => void) => frames.push(callback),
    cancelAnimationFrame: (id: number) => {
      frames[id - 1] = () => {};
    },
  });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  Reflect.deleteProperty(globalThis, 'requestAnimationFrame');
  Reflect.deleteProperty(globalThis, 'cancelAnimationFrame');
});

function counting(restMs = 0): { store: FrameStore<number>; set: (value: number) => void; told: number[] } {
  let value = 0;
  const told: number[] = [];
  const store = new FrameStore(() => value, restMs);
  store.subscribe(() => told.push(store.getSnapshot()));
  const set = (next: number) => {
    value = next;
  };
  return { store, set, told };
}

test('the first of a stream of values is told behind the next frame, those behind it after a rest, the last one always', async () => {
  const { store, set, told } = counting();
  set(1);
  store.publishPaced();
  await drawFrame(0);
  assert.deepEqual(told, [1]);
  await drawFrame(20);
  for (const value of [2, 3]) {
    set(value);
    store.publishPaced();
  }
  await pass(39);
  await drawFrame(0);
  assert.deepEqual(told, [1]);
  await pass(1);
  set(4);
  await drawFrame(0);
  assert.deepEqual(told, [1, 4]);
  await drawFrame(20);
  await pass(1000);
  set(5);
  store.publishPaced();
  await drawFrame(0);
  assert.deepEqual(told, [1, 4, 5]);
});

test('the time that listeners take counts as that of the frame does, also where they work behind their turn, as React does', async () => {
  const { store, told } = counting();
  store.subscribe(() => {
    now += 5;
    queueMicrotask(() => {
      now += 10;
    });
  });
  store.publishPaced();
  await drawFrame(0);
  await drawFrame(5);
  store.publishPaced();
  await pass(39);
  await drawFrame(0);
  assert.equal(told.length, 1);
  await pass(1);
  await drawFrame(0);
  assert.equal(told.length, 2);
});

test('a value that comes before the last is drawn waits for that, and is not forgotten', async () => {
  const { store, set, told } = counting();
  store.publishPaced();
  await drawFrame(0);
  set(1);
  store.publishPaced();
  await pass(1000);
  assert.deepEqual(told, [0]);
  await drawFrame(10);
  await pass(20);
  await drawFrame(0);
  assert.deepEqual(told, [0, 1]);
});

test('a tab without frames, as a hidden one, is told nothing of a stream until it has them again', async () => {
  const { store, set, told } = counting();
  store.publishPaced();
  await pass(10_000);
  set(1);
  store.publishPaced();
  await pass(10_000);
  assert.deepEqual(told, []);
  await drawFrame(0);
  assert.deepEqual(told, [1]);
});

test('a stream that asks for a rest is told no sooner after the last time', async () => {
  const { store, set, told } = counting(250);
  store.publish();
  await drawFrame(1);
  set(1);
  store.publishPaced();
  await pass(248);
  await drawFrame(0);
  assert.deepEqual(told, [0]);
  await pass(1);
  await drawFrame(0);
  assert.deepEqual(told, [0, 1]);
});

test('what is no stream does not wait, and takes along what does', async () => {
  const { store, set, told } = counting();
  store.publishPaced();
  await drawFrame(0);
  await drawFrame(100);
  set(1);
  store.publishPaced();
  set(2);
  store.publish();
  await drawFrame(1);
  assert.deepEqual(told, [0, 2]);
  await pass(1000);
  await drawFrame(1);
  await pass(1000);
  assert.equal(frames.length, 0);
  assert.deepEqual(told, [0, 2]);
  set(3);
  store.publishNow();
  assert.deepEqual(told, [0, 2, 3]);
});

test('a stream is not told once more in the frame that told what is none', async () => {
  const { store, told } = counting(250);
  store.publishPaced();
  await pass(1);
  store.publish();
  beginFrame();
  store.publishPaced();
  await drawFrame(0);
  assert.deepEqual(told, [0]);
  await pass(250);
  await drawFrame(0);
  assert.deepEqual(told, [0, 0]);
});

test('nothing is told after it was cancelled', async () => {
  const { store, told } = counting();
  store.publish();
  store.cancel();
  await drawFrame(1);
  store.publishPaced();
  store.cancel();
  await drawFrame(1);
  store.publishPaced();
  await pass(1);
  store.cancel();
  await drawFrame(1);
  await pass(1000);
  await drawFrame(1);
  assert.deepEqual(told, []);
});
