import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eachPage } from './each-page';

/** Tells how far it was read, and whether it was left before its end. */
function pagesOf(count: number) {
  const seen = { read: 0, wasLeft: true };
  async function* pages() {
    try {
      for (; seen.read < count; seen.read++) yield [seen.read];
      seen.wasLeft = false;
    } finally {
      // A generator that is left ends here.
    }
  }
  return { pages: pages(), seen };
}

const GOES_ON = new AbortController().signal;

test('each page is worked on in order', async () => {
  const { pages, seen } = pagesOf(3);
  const rows: number[] = [];
  await eachPage(pages, GOES_ON, (page) => void rows.push(...page));
  assert.deepEqual([rows, seen.wasLeft], [[0, 1, 2], false]);
});

test('what the work throws is told when the pages are at their end, and no other is worked on', async () => {
  const { pages, seen } = pagesOf(5);
  const worked: number[] = [];
  const failing = eachPage(pages, GOES_ON, async ([page = 0]) => {
    worked.push(page);
    if (page === 1) throw new Error('at 1');
  });
  await assert.rejects(failing, /at 1/);
  assert.deepEqual([worked, seen.read, seen.wasLeft], [[0, 1], 5, false]);
});

test('an abort is told when the pages are at their end', async () => {
  const { pages, seen } = pagesOf(5);
  const leaving = new AbortController();
  const left = eachPage(pages, leaving.signal, ([page]) => {
    if (page === 2) leaving.abort(new Error('left'));
  });
  await assert.rejects(left, /left/);
  assert.deepEqual([seen.read, seen.wasLeft], [5, false]);
});
