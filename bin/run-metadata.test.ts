import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutCredentials } from './run-metadata';

test('removes what could be a secret from a remote, and nothing else', () => {
  const remotes = {
    'https://user:secret@example.com/a/b.git': 'https://example.com/a/b.git',
    'https://x-access-token:ghp_123@example.com/a/b': 'https://example.com/a/b',
    'https://token@example.com/a': 'https://example.com/a',
    'https://us@er:p@ss@example.com/a': 'https://example.com/a',
    'https://example.com/a?access_token=123#x': 'https://example.com/a',
    'ssh://git@example.com:2222/a/b.git': 'ssh://git@example.com:2222/a/b.git',
    'ssh://git:secret@example.com/a': 'ssh://git@example.com/a',
    'git@example.com:a/b.git': 'git@example.com:a/b.git',
    '/srv/git/a.git': '/srv/git/a.git',
    'git+ssh://git:pw@example.com/a': 'git+ssh://git@example.com/a',
  };
  for (const [remote, expected] of Object.entries(remotes)) assert.equal(withoutCredentials(remote), expected);
});
