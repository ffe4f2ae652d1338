import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseContentType } from './content-type';

it('media types name the format, whatever their case and parameters', () => {
  const cases: Array<[contentType: string | undefined, format: string]> = [
    [undefined, 'json'],
    ['', 'json'],
    ['application/json', 'json'],
    ['Application/JSON; charset=UTF-8', 'json'],
    ['application/json;charset="utf-8"', 'json'],
    ['application/json; profile=x', 'json'],
    ['application/x-www-form-urlencoded', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/ndjson; charset=us-ascii', 'ndjson'],
    ['application/jsonl', 'ndjson'],
  ];
  for (const [contentType, format] of cases) assert.equal(parseContentType(contentType), format, contentType);
});

it('all others are refused', () => {
  for (const contentType of [
    'text/plain',
    'application/xml',
    'json',
    '*/*',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/x-ndjson; charset=iso-8859-1',
  ]) {
    assert.throws(() => parseContentType(contentType), { code: 'STRATAL_MEDIA_TYPE' }, contentType);
  }
});
