import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import postgres from 'postgres';
import { startEmbeddedProcess } from '@/lib/store/testing/embedded-process';
import type { PostgresConnection } from './connection';
import { startEmbeddedPostgres } from './embedded-postgres';
import { takeFolderLock } from './folder-lock';
import { isAlive, isPostmasterOf, readPidFile } from './postmaster-pid';
import { canExecute, ensurePrivateFolder } from './service-user';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
/** The repository itself may lie where the other account cannot go. */
const canBeNobody = isRoot && canExecute(nobody, process.execPath) && canExecute(nobody, import.meta.dirname);

/** Postgres' own account in these tests. */
const account = isRoot ? nobody : undefined;

let template = '';
before(async () => {
  template = await makeFolder();
  await ensurePrivateFolder(join(template, 'data'), account);
  await ensurePrivateFolder(join(template, 'data', 'postgres'), account);
  const embedded = await startEmbeddedPostgres({ dataDir: join(template, 'data'), log: silent });
  await embedded.stop();
});
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const folders: string[] = [];

/** A new folder that every account may pass, removed at the end. */
async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stratal-embedded-'));
  folders.push(folder);
  await chmod(folder, 0o755);
  return folder;
}

/** A data folder with an empty database that is not running: a copy, since making one costs a second. */
async function makeDataDir(name = 'data'): Promise<string> {
  const dataDir = join(await makeFolder(), name);
  execFileSync('cp', ['-a', join(template, 'data'), dataDir]);
  return dataDir;
}

async function query(connection: PostgresConnection, text: string): Promise<string> {
  const sql = postgres({ ...connection, max: 1, onnotice: () => {} });
  try {
    const rows = await sql.unsafe(text).values();
    return String(rows[0]?.[0] ?? '');
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function postmasterOf(dataDir: string): Promise<number> {
  const lock = await readPidFile(join(dataDir, 'postgres', 'data'));
  return lock?.pid ?? assert.fail('no postmaster.pid');
}

const ordinary = {
  name: 'an ordinary user',
  user: isRoot ? nobody : undefined,
  skip: isRoot && !canBeNobody && 'the user nobody cannot pass the folders of Node and of this repository',
};
const accounts = [...(isRoot ? [{ name: 'root', user: undefined, skip: false }] : []), ordinary];
for (const { name, user, skip } of accounts) {
  test(`as ${name}: private, durable, reached by its socket alone, and gone after stop`, { skip }, async () => {
    const folder = await makeFolder();
    const dataDir = join(folder, 'data');
    if (user !== undefined) await ensurePrivateFolder(dataDir, user);
    const server = startEmbeddedProcess(dataDir, user);
    const connection = await server.connection;
    for (const path of [dataDir, join(dataDir, 'postgres'), join(dataDir, 'postgres', 'data')]) {
      assert.equal((await stat(path)).mode & 0o777, 0o700, path);
    }
    assert.equal(await query(connection, 'show fsync'), 'on');
    assert.equal(await query(connection, 'show listen_addresses'), '');
    assert.equal(await query(connection, `select lower('ÄÉ')`), 'äé');
    const pid = await postmasterOf(dataDir);
    await server.end('SIGTERM');
    assert.equal(server.child.exitCode, 0, server.said());
    // Whoever inherits the child of an ended process takes its end a moment later.
    await until(async () => !isAlive(pid));
    assert.equal(existsSync(connection.path), false);
  });

  test(`as ${name}: the next server adopts the Postgres of one that was killed`, { skip }, async () => {
    const dataDir = await makeDataDir();
    const first = startEmbeddedProcess(dataDir, user);
    await query(await first.connection, 'create table kept as select 42 as n');
    const pid = await postmasterOf(dataDir);
    await first.end('SIGKILL');
    assert.equal(isAlive(pid), true);
    const second = startEmbeddedProcess(dataDir, user);
    assert.equal(await query(await second.connection, 'select n from kept'), '42');
    assert.equal(await postmasterOf(dataDir), pid);
    assert.match(second.said(), /Took over the Postgres/);
    await second.end('SIGTERM');
    await until(async () => !(await isPostmasterOf(pid, join(dataDir, 'postgres', 'data'))));
  });
}

test('a Postgres that is killed runs again, at the same socket and with all that was committed', async () => {
  const dataDir = await makeDataDir();
  const embedded = await startEmbeddedPostgres({ dataDir, log: silent });
  await query(embedded.connection, 'create table kept as select 42 as n');
  const pid = await postmasterOf(dataDir);
  process.kill(pid, 'SIGKILL');
  await until(async () => (await query(embedded.connection, 'select n from kept').catch(() => '')) === '42');
  assert.notEqual(await postmasterOf(dataDir), pid);
  await embedded.stop();
  assert.equal(await readPidFile(join(dataDir, 'postgres', 'data')), undefined);
});

test('a stop amid a restart leaves no Postgres behind', async () => {
  const dataDir = await makeDataDir();
  const embedded = await startEmbeddedPostgres({ dataDir, log: silent });
  process.kill(await postmasterOf(dataDir), 'SIGKILL');
  await embedded.stop();
  const lock = await readPidFile(join(dataDir, 'postgres', 'data'));
  assert.ok(lock === undefined || !(await isPostmasterOf(lock.pid, join(dataDir, 'postgres', 'data'))));
});

test('a second server on the folder is told who has it and what to do', async () => {
  const dataDir = await makeDataDir();
  const embedded = await startEmbeddedPostgres({ dataDir, log: silent });
  const refused = takeFolderLock(embedded.connection.host, dataDir, silent, 0);
  await assert.rejects(refused, (error: Error) => {
    assert.match(error.message, new RegExp(`process ${process.pid} on `));
    assert.match(error.message, /STRATAL_DATA_DIR/);
    assert.match(error.message, /DATABASE_URL/);
    return true;
  });
  await embedded.stop();
});

test('a server that waits for the folder gets it when the owner stops', async () => {
  const dataDir = await makeDataDir();
  const first = await startEmbeddedPostgres({ dataDir, log: silent });
  let heardOfOwner = () => {};
  const waits = new Promise<void>((resolve) => {
    heardOfOwner = resolve;
  });
  const info = (message: string) => {
    if (/is in use by a Stratal server/.test(message)) heardOfOwner();
  };
  const second = startEmbeddedPostgres({ dataDir, log: { ...silent, info } });
  await waits;
  await first.stop();
  const { connection, stop } = await second;
  assert.equal(await query(connection, 'select 1'), '1');
  await stop();
});

test('lock files whose process id now belongs to a stranger do not stop the start', async () => {
  const dataDir = await makeDataDir();
  const pgdata = join(dataDir, 'postgres', 'data');
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { ...account, stdio: 'ignore' });
  after(() => stranger.kill());
  const lines = [stranger.pid, pgdata, 1, 5432, join(dataDir, 'postgres'), '', '  1234567   1234567', 'ready   '];
  for (const file of [join(pgdata, 'postmaster.pid'), join(dataDir, 'postgres', '.s.PGSQL.5432.lock')]) {
    await writeFile(file, lines.join('\n'));
    if (isRoot) await chown(file, nobody.uid, nobody.gid);
  }
  const embedded = await startEmbeddedPostgres({ dataDir, log: silent });
  assert.equal(await query(embedded.connection, 'select 1'), '1');
  await embedded.stop();
});

test('data of another major is refused with the ways out', async () => {
  const dataDir = await makeDataDir();
  await writeFile(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '99\n');
  await assert.rejects(startEmbeddedPostgres({ dataDir, log: silent }), /made by PostgreSQL 99.*DATABASE_URL/s);
});

test('a path too long for a socket moves the socket to a private temporary folder', async () => {
  const dataDir = await makeDataDir('a'.repeat(120));
  const embedded = await startEmbeddedPostgres({ dataDir, log: silent });
  folders.push(embedded.connection.host);
  assert.equal((await stat(embedded.connection.host)).mode & 0o777, 0o700);
  assert.equal(embedded.connection.host.startsWith(dataDir), false);
  assert.equal(await query(embedded.connection, 'select 1'), '1');
  await embedded.stop();
});

test('a folder whose name holds a comma, a colon and spaces works', async () => {
  const dataDir = await makeDataDir('a, b: "c"');
  const embedded = await startEmbeddedPostgres({ dataDir, log: silent });
  assert.equal(await query(embedded.connection, 'select 1'), '1');
  await embedded.stop();
});

test('as root, a folder that the database account cannot pass holds the name of the place it moved to', {
  skip: !isRoot && 'only root starts Postgres as another user',
}, async () => {
  const closed = await makeFolder();
  await chmod(closed, 0o700);
  const dataDir = join(closed, 'data');
  const said: string[] = [];
  const log = { ...silent, info: (message: string) => said.push(message) };
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  const [moved = ''] = (await readFile(join(dataDir, 'MOVED'), 'utf8')).split('\n');
  folders.push(moved);
  assert.match(moved, /^\/var\/lib\/stratal\/[0-9a-f]{16}$/);
  assert.ok(said.some((message) => message.includes(moved)));
  assert.equal(await query(embedded.connection, 'select 1'), '1');
  await embedded.stop();
});

test('a place elsewhere is believed only where root keeps its databases', async () => {
  const dataDir = await makeFolder();
  const elsewhere = await makeFolder();
  for (const target of [elsewhere, `/var/lib/stratal/../../..${elsewhere}`, '/var/lib/stratal', '../x']) {
    await writeFile(join(dataDir, 'MOVED'), `${target}\n`);
    await assert.rejects(
      startEmbeddedPostgres({ dataDir, log: silent }),
      /does not name a folder of \/var\/lib\/stratal/,
    );
  }
  assert.equal((await stat(elsewhere)).uid, process.getuid?.());
});
