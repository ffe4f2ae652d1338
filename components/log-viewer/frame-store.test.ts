import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { FrameStore } from './frame-store';

let frames: Array<() => void> = [];
let now = 0;

/** Lets the browser draw, which takes so long. */
function drawFrame(tookMs: number): void {
  const due = frames;
  frames = [];
  for (const callback of due) callback();
  now += tookMs;
  mock.timers.tick(0);
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

function counting(): { store: FrameStore<number>; set: (value: number) => void; told: number[] } {
  let value = 0;
  const told: number[] = [];
  const store = new FrameStore(() => value);
  store.subscribe(() => told.push(store.getSnapshot()));
  const set = (next: number) => {
    value = next;
  };
  return { store, set, told };
}

test('the first of a stream of values is told with the next frame, those behind it after a rest, the last one always', () => {
  const { store, set, told } = counting();
  set(1);
  store.publishPaced();
  drawFrame(20);
  assert.deepEqual(told, [1]);
  for (const value of [2, 3]) {
    set(value);
    store.publishPaced();
  }
  mock.timers.tick(39);
  assert.equal(frames.length, 0);
  mock.timers.tick(1);
  set(4);
  drawFrame(20);
  assert.deepEqual(told, [1, 4]);
  now += 1000;
  set(5);
  store.publishPaced();
  drawFrame(1);
  assert.deepEqual(told, [1, 4, 5]);
});

test('a stream that asks for a rest is told no sooner after the last time', () => {
  const { store, set, told } = counting();
  store.publish();
  drawFrame(1);
  set(1);
  store.publishPaced(250);
  mock.timers.tick(248);
  assert.equal(frames.length, 0);
  mock.timers.tick(1);
  drawFrame(1);
  assert.deepEqual(told, [0, 1]);
});

test('what is no stream does not wait, and takes along what does', () => {
  const { store, set, told } = counting();
  store.publishPaced();
  drawFrame(100);
  set(1);
  store.publishPaced();
  set(2);
  store.publish();
  drawFrame(1);
  assert.deepEqual(told, [0, 2]);
  mock.timers.tick(1000);
  assert.equal(frames.length, 0);
  set(3);
  store.publishNow();
  assert.deepEqual(told, [0, 2, 3]);
});

test('nothing is told after it was cancelled', () => {
  const { store, told } = counting();
  store.publish();
  store.cancel();
  drawFrame(1);
  store.publishPaced();
  drawFrame(100);
  store.publishPaced();
  store.cancel();
  mock.timers.tick(1000);
  drawFrame(1);
  assert.deepEqual(told, [0]);
});
