import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CATALOGUE, catalogueEntry, type ErrorCode } from './catalogue';
import { StratalError } from './stratal-error';

const CODES = Object.keys(CATALOGUE).filter((code): code is ErrorCode => code in CATALOGUE);

test('docs/errors.md has a section for each code, in order, with its status, close code and a way out', () => {
  const sections = readFileSync('docs/errors.md', 'utf8').split(/^## /m).slice(1);
  assert.deepEqual(
    sections.map((section) => section.split('\n')[0]),
    CODES,
  );
  for (const [index, code] of CODES.entries()) {
    const { status, title, temporary } = catalogueEntry(code);
    const { closeCode } = new StratalError(code, 'detail');
    const [, facts, advice = ''] = (sections[index] ?? '').split('\n\n');
    assert.equal(facts, `${status} · WebSocket ${closeCode}${temporary ? ' · temporary' : ''} · ${title}.`);
    assert.ok(advice.length > 20, code);
  }
});
