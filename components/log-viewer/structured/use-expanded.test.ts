import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Expansion } from './use-expanded';

test('a key is turned and turned back, and those that show it hear of it alone', () => {
  const expansion = new Expansion();
  const heard: string[] = [];
  const leave = expansion.subscribe('1/fields', () => heard.push('1/fields'));
  expansion.subscribe('2/fields', () => heard.push('2/fields'));
  expansion.toggle('1/fields');
  assert.equal(expansion.isToggled('1/fields'), true);
  assert.equal(expansion.isToggled('2/fields'), false);
  leave();
  expansion.toggle('1/fields');
  assert.equal(expansion.isToggled('1/fields'), false);
  assert.deepEqual(heard, ['1/fields']);
});
