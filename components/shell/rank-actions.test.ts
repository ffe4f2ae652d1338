import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from './actions';
import { actionsFor, rankActions, SCORE_GOOD } from './rank-actions';

const LIMITS = { idle: 2, found: 3 };

function action(id: string, title: string, group: string, more: Partial<Action> = {}): Action {
  return { id, title, group, run: () => {}, ...more };
}

const ACTIONS = [
  action('page.live', 'Live', 'Pages', { keywords: ['tail', 'all runs'] }),
  action('page.status', 'Status', 'Pages'),
  action('theme.dark', 'Dark theme', 'Appearance', { keywords: ['night'] }),
  action('viewer.wrap', 'Wrap long lines', 'Log'),
  ...Array.from({ length: 5 }, (_, index) => action(`task.${index}`, `build step ${index}`, 'Tasks')),
];

function shown(text: string): Array<[string, string[]]> {
  return rankActions(ACTIONS, text, LIMITS).map((group) => [group.title, group.actions.map(({ id }) => id)]);
}

test('without a text the page’s own groups are shown, then those of every page, each cut', () => {
  assert.deepEqual(shown('  '), [
    ['Log', ['viewer.wrap']],
    ['Tasks', ['task.0', 'task.1']],
    ['Pages', ['page.live', 'page.status']],
    ['Appearance', ['theme.dark']],
  ]);
});

test('a text leaves what fits, the best first', () => {
  assert.deepEqual(shown('dark'), [['Appearance', ['theme.dark']]]);
  assert.deepEqual(shown('wrap'), [['Log', ['viewer.wrap']]]);
  assert.deepEqual(shown('step')[0], ['Tasks', ['task.0', 'task.1', 'task.2']]);
  assert.equal(shown('build step 4')[0]?.[1][0], 'task.4');
  assert.deepEqual(shown('qqq'), []);
  // The letters are there, but scattered over title and group.
  assert.deepEqual(shown('dep'), []);
});

test('other words and the group’s name find an action too', () => {
  assert.equal(shown('night')[0]?.[0], 'Appearance');
  assert.equal(shown('tail')[0]?.[1][0], 'page.live');
  assert.equal(shown('appearance')[0]?.[0], 'Appearance');
  assert.ok((rankActions(ACTIONS, 'night', LIMITS)[0]?.score ?? 1) < SCORE_GOOD);
  assert.ok((rankActions(ACTIONS, 'dark', LIMITS)[0]?.score ?? 0) >= SCORE_GOOD);
});

test('digits and times are places where the page can go to one', () => {
  const goto = action('viewer.goto', 'Jump to line or time', 'Log', { runWith: () => {} });
  const titles = (text: string) => actionsFor([...ACTIONS, goto], text).map(({ title }) => title);
  assert.deepEqual(titles('12000'), ['Go to line 12,000']);
  assert.deepEqual(titles(':12,000'), ['Go to line 12,000']);
  assert.deepEqual(titles('#L42'), ['Go to line 42']);
  assert.deepEqual(titles('10:30'), ['Go to 10:30']);
  assert.deepEqual(titles('2026-01-31T10:30:45Z'), ['Go to 2026-01-31T10:30:45Z']);
  for (const text of ['', 'abc', '12 x', '1:2:3', '-5']) assert.deepEqual(titles(text), []);
  assert.deepEqual(actionsFor(ACTIONS, '120'), []);
});

test('an action says itself which text it takes', () => {
  const search = action('viewer.search', 'Search', 'Log', {
    runWith: () => {},
    titleWith: (text) => (text.length > 1 ? `Search for “${text}”` : undefined),
  });
  assert.deepEqual(
    actionsFor([search], ' oom ').map(({ title }) => title),
    ['Search for “oom”'],
  );
  assert.deepEqual(actionsFor([search], 'o'), []);
});
