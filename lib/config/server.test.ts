import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import { test } from 'node:test';
import { ConfigError, readServerConfig } from './server';

test('needs nothing: this machine alone, with a database of its own and a sample', () => {
  const { dataDir, ...config } = readServerConfig({ NODE_ENV: 'production' });
  assert.ok(isAbsolute(dataDir) && dataDir.endsWith('/.stratal'));
  assert.deepEqual(config, {
    port: 8080,
    host: '127.0.0.1',
    databaseUrl: undefined,
    listenUrl: undefined,
    sample: true,
    sse: 'direct',
    tailBytes: 64 * 1024 * 1024,
    streamMaxAgeMs: 0,
    allowedOrigins: [],
    baseUrl: undefined,
    retention: { ageMs: undefined, bytes: undefined, lines: undefined, intervalMs: 60_000 },
    diskReserveBytes: 256 * 1024 * 1024,
    dev: false,
  });
});

test('takes limits of retention in days and bytes, and none that would mean nothing', () => {
  const read = (name: string, value: string) => readServerConfig({ NODE_ENV: 'production', [name]: value });
  assert.equal(read('STRATAL_RETENTION_AGE', '30d').retention.ageMs, 30 * 24 * 3_600_000);
  assert.equal(read('STRATAL_RETENTION_AGE', '2w').retention.ageMs, 14 * 24 * 3_600_000);
  assert.equal(read('STRATAL_RETENTION_INTERVAL', '5m').retention.intervalMs, 300_000);
  assert.equal(read('STRATAL_RETENTION_BYTES', '20GiB').retention.bytes, 20 * 1024 ** 3);
  assert.equal(read('STRATAL_RETENTION_LINES', '100000').retention.lines, 100_000);
  assert.equal(read('STRATAL_DISK_RESERVE', '0').diskReserveBytes, 0);
  for (const [name, values] of [
    ['STRATAL_RETENTION_AGE', ['30', '0d', '-1d', '1.5d', 'month', '999999999w']],
    ['STRATAL_RETENTION_INTERVAL', ['0s', '2d', '60']],
    ['STRATAL_RETENTION_BYTES', ['0', '1 EiB']],
    ['STRATAL_RETENTION_LINES', ['0', '1e6', '-5']],
    ['STRATAL_DISK_RESERVE', ['some']],
  ] as const) {
    for (const value of values) assert.throws(() => read(name, value), ConfigError, `${name}=${value}`);
  }
});

test('takes what is set, in the units that it is written in, and counts an empty variable as absent', () => {
  const config = readServerConfig({
    NODE_ENV: 'production',
    PORT: '0',
    HOST: '',
    DATABASE_URL: 'postgres://db/stratal',
    STRATAL_SAMPLE: 'off',
    STRATAL_TAIL_BYTES: '1.5MiB',
    STRATAL_STREAM_MAX_AGE: '90',
    STRATAL_ALLOWED_ORIGINS: 'https://ci.example.org, http://localhost:3000/',
  });
  assert.equal(config.port, 0);
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.databaseUrl, 'postgres://db/stratal');
  assert.equal(config.sample, false);
  assert.equal(config.tailBytes, 1.5 * 1024 * 1024);
  assert.equal(config.streamMaxAgeMs, 90_000);
  assert.deepEqual(config.allowedOrigins, ['https://ci.example.org', 'http://localhost:3000']);
});

test('the address of people is a host of its own: a path is refused, as pages have none before theirs', () => {
  const read = (STRATAL_BASE_URL: string) => readServerConfig({ NODE_ENV: 'production', STRATAL_BASE_URL }).baseUrl;
  assert.equal(read('https://logs.example.org:8443/'), 'https://logs.example.org:8443/');
  for (const bad of ['https://ci.example.org/logs', 'https://ci.example.org/?a=b'])
    assert.throws(() => read(bad), /STRATAL_BASE_URL: must be a host of its own/);
});

test('a bad value is refused with a sentence that names its variable, all bad ones at once', () => {
  const bad = {
    PORT: '80800',
    DATABASE_URL: 'mysql://db',
    STRATAL_SAMPLE: 'maybe',
    STRATAL_SSE: 'fast',
    STRATAL_TAIL_BYTES: '64 lines',
    STRATAL_STREAM_MAX_AGE: '-1',
    STRATAL_ALLOWED_ORIGINS: 'ci.example.org',
    STRATAL_BASE_URL: 'ftp://logs',
  };
  assert.throws(
    () => readServerConfig({ NODE_ENV: 'production', ...bad }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      const lines = error.message.split('\n');
      assert.deepEqual(lines.map((line) => line.split(':')[0]).sort(), Object.keys(bad).sort());
      for (const line of lines) assert.match(line, /: must be /);
      return true;
    },
  );
});
