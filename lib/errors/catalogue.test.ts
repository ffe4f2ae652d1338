import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CATALOGUE, catalogueEntry, type ErrorCode } from './catalogue';

const CODES = Object.keys(CATALOGUE).filter((code): code is ErrorCode => code in CATALOGUE);

/** The text of all sources in a folder, without tests and the catalogue itself. */
function sourcesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|testing\/|errors\/catalogue\.ts$/.test(path))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
}

describe('the catalogue of errors', () => {
  it('has no code that nothing uses', () => {
    const sources = sourcesIn('lib') + sourcesIn('app');
    const unused = CODES.filter((code) => !sources.includes(`'${code}'`));
    assert.deepEqual(unused, []);
  });

  it('calls a status temporary where HTTP does, and no fault of the request', () => {
    for (const code of CODES) {
      const { status, temporary } = catalogueEntry(code);
      if (status >= 500) assert.ok(temporary, code);
      else if (code !== 'STRATAL_INGEST_CUT' && code !== 'STRATAL_REQUEST_TIMEOUT') assert.ok(!temporary, code);
    }
  });
});
