import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { ApiError } from '@/lib/client/log-streamer';
import type { GroupsAtLine } from '@/lib/protocol/api';
import { type GroupPlace, GroupSource } from './group-source';
import { linesOf } from './testing/row-input';

const LINES = linesOf(Array.from({ length: 100 }, (_, n) => `line ${n + 1}`));
const ANSWER: GroupsAtLine = {
  groups: LINES.slice(0, 1).map((line) => ({
    line,
    lines: 99,
    errors: 0,
    warnings: 0,
    before: { lines: 9, errors: 0, warnings: 0 },
    last_at: line.timestamp,
  })),
  through: 100,
};

function place(from: number, to: number, change: Partial<GroupPlace> = {}): GroupPlace {
  return { lines: LINES.slice(from - 1, to), hasOlder: from > 1, openEnds: 'told', newest: 100, ...change };
}

describe('what is asked of the server', () => {
  let asked: number[];
  let answer: () => Promise<GroupsAtLine>;
  let source: GroupSource;
  let now: number;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    now = 1000;
    mock.method(performance, 'now', () => now);
    asked = [];
    answer = () => Promise.resolve(ANSWER);
    const fetchGroups = (_: string, at: number) => {
      asked.push(at);
      return answer();
    };
    source = new GroupSource({ fetchGroups }, 'run');
  });

  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  async function settle(ms = 100): Promise<void> {
    now += ms;
    mock.timers.tick(ms);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }

  test('is the first line, once for a place that stands still, and nothing at the run’s beginning', async () => {
    source.look(place(20, 40));
    source.look(place(15, 40));
    await settle();
    await settle();
    assert.deepEqual(asked, [15]);
    assert.deepEqual(source.getSnapshot(), [{ at: 15, ...ANSWER }]);
    source.look(place(1, 40));
    await settle();
    assert.deepEqual(asked, [15]);
  });

  test('is nothing while a window that follows loses its first lines, and again where older ones come', async () => {
    source.look(place(20, 40));
    await settle();
    for (let step = 1; step < 10; step++) source.look(place(20 + step, 40 + step));
    await settle();
    assert.deepEqual(asked, [20]);
    source.look(place(10, 49));
    await settle();
    assert.deepEqual(asked, [20, 10]);
  });

  test('is the line below the last one where groups go on there, once for each end', async () => {
    source.look(place(1, 40, { openEnds: 'unknown' }));
    await settle();
    source.look(place(1, 40, { openEnds: 'unknown' }));
    await settle();
    assert.deepEqual(asked, [41]);
  });

  test('is asked again for another place, and what was under way is left', async () => {
    let release: (value: GroupsAtLine) => void = () => undefined;
    answer = () => new Promise((resolve) => (release = resolve));
    source.look(place(20, 40));
    await settle();
    answer = () => Promise.resolve(ANSWER);
    source.look(place(70, 90));
    release(ANSWER);
    await settle(0);
    assert.deepEqual(source.getSnapshot(), []);
    await settle();
    assert.deepEqual(asked, [20, 70]);
  });

  test('is tried again later after a failure, and never where the server cannot tell', async () => {
    answer = () => Promise.reject(new Error('away'));
    source.look(place(20, 40));
    await settle();
    await settle();
    assert.deepEqual(asked, [20]);
    answer = () => Promise.resolve({ groups: null, through: 100 });
    await settle(5000);
    assert.deepEqual(asked, [20, 20]);
    source.look(place(70, 90));
    await settle(10_000);
    assert.deepEqual(asked, [20, 20]);
  });

  test('is asked for while a live run brings lines faster than a place settles', async () => {
    for (let step = 0; step < 5; step++) {
      source.look(place(20 + step, 40 + step));
      await settle(60);
    }
    assert.deepEqual(asked, [21]);
  });

  test('… also where none of the lines before are held any more', async () => {
    for (let step = 0; step < 5; step++) {
      source.look(place(20 * step + 1, 20 * step + 20, { hasOlder: true }));
      await settle(60);
    }
    assert.deepEqual(asked, [21, 61]);
  });

  test('is not asked for during the seconds after a failure, whatever is looked at', async () => {
    answer = () => Promise.reject(new Error('away'));
    source.look(place(20, 40));
    await settle();
    for (let step = 0; step < 48; step++) {
      // Each is another place than the one before.
      source.look(step % 2 === 0 ? place(70, 90) : place(20, 40));
      if (step % 10 === 0) source.stop();
      await settle(100);
    }
    assert.deepEqual(asked, [20]);
    source.look(place(70, 90));
    await settle(200);
    assert.deepEqual(asked, [20, 70]);
  });

  test('is not asked for again where the server refuses, until lines of the run are others', async () => {
    const problem = { type: 'about:blank', title: 'Gone', status: 404, detail: 'No such run.', code: 'STRATAL_NO_RUN' };
    answer = () => Promise.reject(new ApiError(problem));
    source.look(place(20, 40));
    await settle();
    source.look(place(70, 90));
    await settle(60_000);
    assert.deepEqual(asked, [20]);
    source.forget();
    source.look(place(20, 40));
    await settle();
    assert.deepEqual(asked, [20, 20]);
  });

  test('… nor where a run had too many markers, until then', async () => {
    answer = () => Promise.resolve({ groups: null, through: 100 });
    source.look(place(20, 40));
    await settle();
    source.forget();
    answer = () => Promise.resolve(ANSWER);
    source.look(place(20, 40));
    await settle();
    assert.deepEqual(asked, [20, 20]);
    assert.deepEqual(source.getSnapshot(), [{ at: 20, ...ANSWER }]);
  });

  test('is asked for again, once in five seconds, while groups below grow, and the answer takes the place of the last', async () => {
    source.look(place(20, 40));
    await settle();
    for (let step = 1; step <= 140; step++) {
      const newest = 100 + step;
      answer = () => Promise.resolve({ ...ANSWER, through: newest });
      source.look(place(20, 40, { openEnds: 'outdated', newest }));
      await settle(100);
    }
    assert.deepEqual(asked, [20, 41, 41]);
    assert.deepEqual(
      source.getSnapshot().map(({ at }) => at),
      [20, 41],
    );
    // No line has come since the last answer.
    await settle(10_000);
    source.look(place(20, 40, { openEnds: 'outdated', newest: 240 }));
    await settle(10_000);
    assert.deepEqual(asked, [20, 41, 41, 41]);
    source.look(place(20, 40, { openEnds: 'outdated', newest: 240 }));
    await settle(10_000);
    assert.deepEqual(asked, [20, 41, 41, 41]);
  });

  test('is asked for at once in another place, although groups in the one before were to be asked for later', async () => {
    source.look(place(20, 40));
    await settle();
    source.look(place(20, 40, { openEnds: 'outdated', newest: 200 }));
    await settle();
    source.look(place(70, 90));
    await settle();
    assert.deepEqual(asked, [20, 70]);
  });

  test('is nothing after a stop, until a place is looked at again', async () => {
    source.look(place(20, 40));
    source.stop();
    await settle(10_000);
    assert.deepEqual(asked, []);
    source.look(place(20, 40));
    await settle();
    source.forget();
    assert.deepEqual(source.getSnapshot(), []);
    assert.deepEqual(asked, [20]);
  });
});
