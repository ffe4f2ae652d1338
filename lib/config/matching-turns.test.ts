import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MatchingTurns } from './matching-turns';

/** Turns whose time passes when the test says so. */
function clockedTurns() {
  const clock = { now: 0 };
  return { clock, turns: new MatchingTurns(() => clock.now) };
}

describe('turns of matching', () => {
  test('are over for everyone together once their time is, and begin anew with the next turn of the event loop', async () => {
    const { clock, turns } = clockedTurns();
    assert.equal(turns.isOver, false);
    clock.now = 9;
    assert.equal(turns.isOver, false);
    clock.now = 10;
    assert.deepEqual([turns.isOver, turns.isOver], [true, true]);
    await turn();
    assert.equal(turns.isOver, false);
  });

  test('go to one at a time in the order in which they were asked for, and others are served between', async () => {
    const { clock, turns } = clockedTurns();
    const served: string[] = [];
    const match = async (name: string) => {
      for (let line = 0; line < 2; line++) {
        while (turns.isOver) await turns.pause();
        served.push(name);
        clock.now += 10;
      }
    };
    let isDone = false;
    const other = async () => {
      while (!isDone) {
        await turn();
        served.push('-');
      }
    };
    const all = Promise.all(['a', 'b', 'c'].map(match)).then(() => {
      isDone = true;
    });
    await Promise.all([all, other()]);
    // The first one has the turn that all ask in, and then waits before the others.
    const order = served.join('').replace(/-+/g, '-');
    assert.equal(order.replace(/-$/, ''), 'aa-b-c-b-c');
  });
});
