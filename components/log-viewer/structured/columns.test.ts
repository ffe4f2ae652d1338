import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { countFields, firstColumns, moved, readCells } from './columns';

function line(message: string, attributes?: LogMessage['attributes']): LogMessage {
  return {
    id: 1,
    job_run_id: 'r',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message,
    ...(attributes && { attributes }),
  };
}

function cells(message: string, columns: string[], attributes?: LogMessage['attributes']): unknown {
  const read = readCells(line(message, attributes), columns);
  return read && [read.message.text, ...read.cells.map((cell) => cell?.text)];
}

test('the message is first: msg, message or event, else the text around the fields', () => {
  assert.deepEqual(cells('{"level":"info","msg":"hello","user":{"id":7}}', ['user.id', 'level', 'none']), [
    'hello',
    '7',
    'info',
    undefined,
  ]);
  assert.deepEqual(cells('12:30 {"a":[1,{"b":2}],"event":"sent"}', ['a']), ['sent', '[1,{"b":2}]']);
  assert.deepEqual(cells('listening port=80 host=x', ['port']), ['listening', '80']);
  assert.deepEqual(cells('plain text', ['user'], { user: 'ada' }), ['plain text', 'ada']);
  assert.deepEqual(cells('msg=hi user=bob', ['user'], { user: 'ada' }), ['hi', 'bob']);
  assert.equal(cells('plain text', ['user']), undefined);
});

test('fields are counted over the lines that have them, the message left out', () => {
  const lines = [
    line('{"msg":"a","user":"x","n":1}'),
    line('{"msg":"b","user":"y"}'),
    line('prose'),
    line('time=1 user=z'),
  ];
  assert.deepEqual(countFields(lines), [
    { name: 'user', count: 3 },
    { name: 'time', count: 1 },
    { name: 'n', count: 1 },
  ]);
  assert.deepEqual(firstColumns(countFields(lines)), ['user', 'n']);
  assert.deepEqual(firstColumns([{ name: 'level', count: 2 }]), ['level']);
  assert.deepEqual(countFields([]), []);
});

test('a column moves one place and never out of the list', () => {
  assert.deepEqual(moved(['a', 'b', 'c'], 'b', -1), ['b', 'a', 'c']);
  assert.deepEqual(moved(['a', 'b', 'c'], 'b', 1), ['a', 'c', 'b']);
  assert.deepEqual(moved(['a', 'b'], 'a', -1), ['a', 'b']);
  assert.deepEqual(moved(['a', 'b'], 'b', 1), ['a', 'b']);
  assert.deepEqual(moved(['a'], 'x', 1), ['a']);
});
