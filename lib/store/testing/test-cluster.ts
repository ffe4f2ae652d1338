import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { isStratalError } from '@/lib/errors/stratal-error';
import { type Binaries, findBinaries, readDataMajor } from '@/lib/store/embedded/binaries';
import { connectionTo, KEPT_CONNECTION, type PostgresConnection } from '@/lib/store/embedded/connection';
import { initialise } from '@/lib/store/embedded/initialise';
import { bringDown, bringUp, type Cluster } from '@/lib/store/embedded/postmaster';
import { isPostmasterOf, readPidFile } from '@/lib/store/embedded/postmaster-pid';
import { canExecute, ensurePrivateFolder, type ServiceUser, serviceUser } from '@/lib/store/embedded/service-user';
import { commonSettings } from '@/lib/store/embedded/settings';

const DEBIAN_15 = '/usr/lib/postgresql/15/bin';
/** Held shared by every process that uses the cluster; who gets it alone is the last one and stops Postgres. */
const MEMBERS_KEY = 7_310_021;

const log = { info: () => {}, warn: console.error, error: console.error };

/** This process's membership in the Postgres of the test run. */
export interface TestCluster {
  connection(database: string): PostgresConnection;
  /** Does the work with the one kept session on the maintenance database; one work at a time. */
  run<Result>(work: (sql: postgres.Sql) => Promise<Result>): Promise<Result>;
}

let joined: Promise<TestCluster> | undefined;

/**
 * The Postgres that all test processes of a working copy share: the first starts it, the last stops it once it has
 * nothing left to do. `STRATAL_TEST_POSTGRES=debian15` makes it Debian's 15 instead of the embedded one.
 */
export function joinTestCluster(): Promise<TestCluster> {
  joined ??= joinAnew();
  return joined;
}

async function joinAnew(): Promise<TestCluster> {
  const cluster = await prepareCluster();
  for (;;) {
    const { socketDir } = await startOrReplace(cluster);
    const connection = (database: string) => connectionTo(socketDir, database);
    const socket = await openSocket(connection('postgres').path);
    if (socket === undefined) continue;
    // Not in postgres.js' types: a socket of our own, whose hold on the process can be let go.
    const options = { ...connection('postgres'), ...KEPT_CONNECTION, socket: () => socket };
    const sql = postgres(options);
    try {
      await sql`select pg_advisory_lock_shared(${MEMBERS_KEY})`;
    } catch {
      // The last process before us stopped Postgres in between.
      await sql.end({ timeout: 1 });
      await delay(50);
      continue;
    }
    socket.unref();
    const run = makeQueue(socket, sql);
    process.once('beforeExit', () => {
      joined = undefined;
      void run(() => leave(sql, cluster));
    });
    return { run, connection };
  }
}

/** While it works the process is kept alive; between works a test file that has ended may end its process. */
function makeQueue(socket: Socket, sql: postgres.Sql): TestCluster['run'] {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (work) => {
    waiting += 1;
    socket.ref();
    const result = last
      .then(() => work(sql))
      .finally(() => {
        waiting -= 1;
        if (waiting === 0) socket.unref();
      });
    last = result.catch(() => {});
    return result;
  };
}

async function leave(sql: postgres.Sql, cluster: Cluster): Promise<void> {
  await sql`select pg_advisory_unlock_shared(${MEMBERS_KEY})`;
  const [row] = await sql<[{ alone: boolean }]>`select pg_try_advisory_lock(${MEMBERS_KEY}) as alone`;
  if (row.alone) await bringDown(cluster, log);
  await sql.end({ timeout: 1 });
}

/** One that does not start, as after a power cut, is thrown away: it holds nothing that is needed again. */
async function startOrReplace(cluster: TestClusterFiles) {
  try {
    return await bringUp(cluster, log);
  } catch (error) {
    if (!isStratalError(error)) throw error;
    await rm(cluster.dataDir, { recursive: true, force: true });
    await initialise(cluster.binaries, cluster.dataDir, cluster.user);
    return await bringUp(cluster, log);
  }
}

interface TestClusterFiles extends Cluster {
  binaries: Binaries;
}

/** One for each working copy, Postgres and account: what one leaves behind, another may not be able to read. */
function locateCluster() {
  const variant = process.env.STRATAL_TEST_POSTGRES ?? 'embedded';
  const user = serviceUser();
  const root = resolve(import.meta.dirname, '..', '..', '..');
  const hash = createHash('sha256').update(`${root}\n${variant}\n${process.getuid?.()}`).digest('hex');
  const home = join(canExecute(user, tmpdir()) ? tmpdir() : '/tmp', `stratal-test-${hash.slice(0, 12)}`);
  return { variant, user, home };
}

/** Whether a Postgres of this working copy runs, be it one that killed test processes have left. */
export async function isTestClusterRunning(): Promise<boolean> {
  const dataDir = join(locateCluster().home, 'data');
  const lock = await readPidFile(dataDir);
  return lock !== undefined && (await isPostmasterOf(lock.pid, dataDir));
}

async function prepareCluster(): Promise<TestClusterFiles> {
  const { variant, user, home } = locateCluster();
  await ensurePrivateFolder(home, user);
  const dataDir = join(home, 'data');
  const binaries = await chooseBinaries(variant, home, dataDir, user);
  // What another major has left is of no use; the templates are made again.
  const dataMajor = await readDataMajor(dataDir);
  if (dataMajor !== undefined && dataMajor !== binaries.major) await rm(dataDir, { recursive: true, force: true });
  await initialise(binaries, dataDir, user);
  const settings = {
    ...commonSettings(home),
    // Tests do not cut the power.
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '400',
    shared_buffers: '64MB',
    jit: 'off',
  };
  return {
    binDir: binaries.binDir,
    binaries,
    dataDir,
    socketDir: home,
    logFile: join(home, 'postgres.log'),
    user,
    settings,
  };
}

async function chooseBinaries(variant: string, home: string, dataDir: string, user: ServiceUser | undefined) {
  if (variant === 'embedded') {
    const place = { chosen: home, base: home, home, dataDir, user };
    return findBinaries(place, undefined);
  }
  if (variant !== 'debian15') throw new Error(`STRATAL_TEST_POSTGRES is ${variant}; it may be embedded or debian15.`);
  if (existsSync(join(DEBIAN_15, 'initdb'))) return { binDir: DEBIAN_15, major: 15 };
  throw new Error(`STRATAL_TEST_POSTGRES=debian15 needs ${DEBIAN_15}: apt-get install postgresql-15.`);
}

function openSocket(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
