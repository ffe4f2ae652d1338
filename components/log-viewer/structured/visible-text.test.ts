import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visibleText } from './visible-text';

test('each control character is seen, and takes one place as before', () => {
  assert.equal(visibleText('a\0b\x1b[31m\x07\x7f\x9b\r'), 'a␀b␛[31m␇␡\ufffd␍');
  assert.equal(visibleText('two\nlines\tand a tab, שלום, 👩‍👩‍👧'), 'two\nlines\tand a tab, שלום, 👩‍👩‍👧');
});
