import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyCaps, keyText } from '@/components/ui/key-caps';
import { chordOf, type KeyPress, SHORTCUT_GROUPS, SHORTCUTS, shortcutOf } from './shortcuts';

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held };
}

test('no chord does two things, and every group has something', () => {
  const chords = SHORTCUTS.flatMap((shortcut) => [...shortcut.chords]);
  assert.deepEqual(chords, [...new Set(chords)]);
  const groups = new Set(SHORTCUTS.map(({ group }) => group));
  assert.deepEqual(
    SHORTCUT_GROUPS.filter((group) => !groups.has(group)),
    [],
  );
});

test('letters are told apart by Shift, not by Caps Lock', () => {
  assert.equal(shortcutOf(press('n')), 'next-match');
  assert.equal(shortcutOf(press('N')), 'next-match');
  assert.equal(shortcutOf(press('N', { shiftKey: true })), 'previous-match');
  assert.equal(shortcutOf(press('n', { shiftKey: true })), 'previous-match');
  assert.equal(shortcutOf(press('g')), 'first-line');
  assert.equal(shortcutOf(press('G', { shiftKey: true })), 'last-line');
});

test('Cmd and Ctrl are the same, and make another chord', () => {
  assert.equal(shortcutOf(press('k', { metaKey: true })), 'palette');
  assert.equal(shortcutOf(press('k', { ctrlKey: true })), 'palette');
  assert.equal(shortcutOf(press('k')), 'previous-line');
  assert.equal(shortcutOf(press('g', { ctrlKey: true })), 'goto');
  assert.equal(shortcutOf(press('k', { ctrlKey: true, shiftKey: true })), undefined);
  assert.equal(shortcutOf(press('f', { altKey: true })), undefined);
});

test('signs are what was typed, whatever keys it took', () => {
  assert.equal(shortcutOf(press('?', { shiftKey: true })), 'shortcuts');
  assert.equal(shortcutOf(press('/', { shiftKey: true })), 'search');
  assert.equal(shortcutOf(press(':')), 'goto');
  const altGr = (key: string) => key === 'AltGraph';
  assert.equal(shortcutOf(press('[', { ctrlKey: true, altKey: true, getModifierState: altGr })), 'previous-run');
  assert.equal(shortcutOf(press(']', { altKey: true })), 'next-run');
  assert.equal(shortcutOf(press('[', { metaKey: true })), undefined);
});

test('keyboards without Latin letters have them at their places', () => {
  assert.equal(shortcutOf(press('у', { code: 'KeyE' })), 'next-error');
  assert.equal(shortcutOf(press('л', { code: 'KeyK', ctrlKey: true })), 'palette');
  assert.equal(shortcutOf(press('é', { code: 'Digit2' })), undefined);
});

test('named keys', () => {
  assert.equal(shortcutOf(press('Home')), 'first-line');
  assert.equal(shortcutOf(press('End')), 'last-line');
  assert.equal(shortcutOf(press('Escape')), 'close');
  assert.equal(shortcutOf(press('F5')), undefined);
});

test('caps are those of the reader’s keyboard', () => {
  assert.deepEqual(keyCaps(chordOf('palette'), true), ['⌘', 'K']);
  assert.deepEqual(keyCaps(chordOf('palette'), false), ['Ctrl', 'K']);
  assert.equal(keyText('Shift+e', false), 'Shift+E');
  assert.equal(keyText('Mod+k', true), '⌘K');
  assert.equal(keyText('?', true), '?');
});
