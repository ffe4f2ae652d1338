import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCliConfig } from './cli';

function read(environment: Record<string, string>) {
  return readCliConfig({ NODE_ENV: 'test', ...environment });
}

test('needs nothing: a local server, and the spool where the XDG specification has state', () => {
  const spoolDirectory = join(homedir(), '.local', 'state', 'stratal');
  assert.deepEqual(read({}), { url: 'http://localhost:8080', token: undefined, spoolDirectory });
  assert.equal(read({ XDG_STATE_HOME: '/var/state' }).spoolDirectory, '/var/state/stratal');
  assert.equal(read({ XDG_STATE_HOME: 'relative' }).spoolDirectory, spoolDirectory);
});

test('takes what is set, and counts an empty variable as absent', () => {
  const set = {
    STRATAL_URL: 'https://logs.example.com/stratal/',
    STRATAL_TOKEN: 'abc.DEF~1',
    STRATAL_SPOOL_DIR: '/spool',
  };
  assert.deepEqual(read(set), {
    url: 'https://logs.example.com/stratal',
    token: 'abc.DEF~1',
    spoolDirectory: '/spool',
  });
  assert.deepEqual(read({ STRATAL_URL: '', STRATAL_TOKEN: ' ' }).token, undefined);
});

test('says which variable is wrong, all at once, and never shows a token', () => {
  for (const url of ['localhost:8080', 'ftp://a', 'nonsense', 'http://user:pw@host', 'http://host/?a=1']) {
    assert.throws(() => read({ STRATAL_URL: url }), /STRATAL_URL must/, url);
  }
  const wrong = { STRATAL_URL: 'x', STRATAL_TOKEN: 'two words', STRATAL_SPOOL_DIR: './spool' };
  assert.throws(
    () => read(wrong),
    (error: Error) =>
      /URL/.test(error.message) &&
      /TOKEN/.test(error.message) &&
      /SPOOL_DIR/.test(error.message) &&
      !/two words/.test(error.message),
  );
});
