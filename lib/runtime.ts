import { setTimeout as wait } from 'node:timers/promises';
import { type Authorize, loopbackAccess } from './auth/authorize';
import { ConfigError, type ServerConfig } from './config/server';
import { StratalError } from './errors/stratal-error';
import { type Bus, noBus } from './feed/bus';
import { Feed } from './feed/feed';
import { PostgresBus } from './feed/postgres-bus';
import { AppendQueue } from './ingest/append-queue';
import { IngestLoad } from './ingest/ingest-load';
import { type IngestBody, ingestLogs } from './ingest/ingest-logs';
import { parseIngestRequest } from './ingest/ingest-request';
import { LineTargets } from './ingest/line-targets';
import { loseSilentRuns } from './ingest/lost-runs';
import { RunLife } from './ingest/run-life';
import type { Logger } from './observability/logger';
import type { IngestResult } from './protocol/api';
import type { ConnectOptions } from './store/database';
import { DiskReserve, noDiskReserve } from './store/disk-reserve';
import { startEmbeddedPostgres } from './store/embedded/embedded-postgres';
import { Maintenance } from './store/maintenance';
import { migrate } from './store/migrate';
import { openNotifications } from './store/notifications';
import { openStore } from './store/open-store';
import { Retention } from './store/retention';
import type { LogStore } from './store/store';
import { RestApi } from './transport/rest/rest-api';
import { waitForLine } from './transport/rest/wait-for-line';
import { createTransports, type Transports } from './transport/transports';

/** What is under way when the server stops has so long in all: a database that answers nothing would never let it end. */
const FINISH_MS = 10_000;

/** What handlers, pages and transports are given. Built once per process, by createRuntime alone. */
export interface Runtime {
  readonly config: ServerConfig;
  readonly logger: Logger;
  readonly authorize: Authorize;
  readonly store: LogStore;
  readonly feed: Feed;
  readonly life: RunLife;
  readonly rest: RestApi;
  readonly transports: Transports;
  /** Takes an ingest body; `urlRunId` is the run in the URL, where there is one. */
  ingest(
    header: (name: string) => string | undefined,
    urlRunId: string | undefined,
    input: IngestBody,
  ): Promise<IngestResult>;
  /** True from the begin of the stop: no new work is taken. */
  readonly isDraining: boolean;
  /** Refuses new ingest and tells readers to come back; what is being committed goes on. */
  drain(): void;
  /** Finishes the commit in flight, for ten seconds at most, then closes the store and stops the embedded Postgres. */
  close(): Promise<void>;
}

/** Builds the runtime: database, store, feed and the ways in. What was opened is closed again where a later part fails. */
export async function createRuntime(config: ServerConfig, logger: Logger): Promise<Runtime> {
  const releasers: Array<() => Promise<void>> = [];
  const release = async () => {
    for (const releaser of releasers.splice(0).reverse()) {
      await releaser().catch((error: unknown) => logger.error({ err: error }, 'closing failed'));
    }
  };
  try {
    return await build(config, logger, releasers, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function build(
  config: ServerConfig,
  logger: Logger,
  releasers: Array<() => Promise<void>>,
  release: () => Promise<void>,
): Promise<Runtime> {
  const onError = (error: unknown) => logger.error({ err: error }, 'a background task failed; it is tried again');
  const { connection, listen, disk } = await openConnection(config, logger, releasers);
  // Its lock is a session's, which a pooler of transactions would not keep for it.
  await migrate(listen ?? connection).catch((error: unknown) => {
    throw config.databaseUrl === undefined ? error : unusableDatabase(error);
  });
  const store = await openStore(connection);
  releasers.push(() => store.close());

  // The embedded database has one server; others share theirs and have to hear of each other.
  const bus: Bus = listen ? new PostgresBus({ client: openNotifications(listen), onError }) : noBus;
  const feed = await Feed.open({ store, bus, tailBytes: config.tailBytes, onError });
  let finishBy: number | undefined;
  const finish = async (name: string, work: Promise<void>) => {
    finishBy ??= performance.now() + FINISH_MS;
    const isLate = await Promise.race([work, wait(Math.max(0, finishBy - performance.now()), true, { ref: false })]);
    if (isLate) logger.warn(`${name} does not come to its end, and is left`);
  };
  releasers.push(() => finish('the feed', feed.close()));

  const queue = new AppendQueue(
    store,
    (committed) => {
      feed.publish(committed);
      for (const { entry } of committed.commits) maintenance.noteAppend(entry.key, entry.end !== undefined);
    },
    onError,
  );
  const maintenance = new Maintenance({
    store,
    isDiskShort: () => disk.isShort(),
    onSilentRuns: (runs) => loseSilentRuns(queue, runs),
    onError,
  });
  releasers.push(() => finish('maintenance', maintenance.stop()));
  const retention = new Retention({
    store,
    limits: config.retention,
    intervalMs: config.retention.intervalMs,
    onRemoved: (runKeys) => feed.runsChanged(runKeys),
    onPass: (removed) => logger.info(removed, 'retention removed lines and runs'),
    onError,
  });
  releasers.push(() => finish('retention', retention.stop()));
  releasers.push(() => finish('ingest', queue.drained()));

  const targets = new LineTargets(store);
  const load = new IngestLoad();
  const admit = (bytes: number) => disk.admit(bytes);
  const life = new RunLife({ store, queue, admit, onChange: (run) => feed.runsChanged([run.key]) });
  const rest = new RestApi(store, (head, line, signal) => waitForLine(feed, head, line, signal));
  const authorize = loopbackAccess({ allowedOrigins: config.allowedOrigins, baseUrl: config.baseUrl });
  const transports = createTransports({ feed, store, authorize, maxAgeMs: config.streamMaxAgeMs, onError });
  let isDraining = false;
  maintenance.start();
  retention.start();
  return {
    config,
    logger,
    authorize,
    store,
    feed,
    life,
    rest,
    transports,
    ingest: async (header, urlRunId, input) => {
      if (isDraining) {
        throw new StratalError('STRATAL_DRAINING', 'The server is stopping; send the batch again in a moment.');
      }
      const { clock } = feed;
      const context = { queue, targets, load, clock, admit, relayPartial: feed.publishPartial.bind(feed) };
      return ingestLogs(context, parseIngestRequest(header, urlRunId), input);
    },
    get isDraining() {
      return isDraining;
    },
    drain: () => {
      isDraining = true;
      rest.drain();
      transports.drain();
    },
    close: release,
  };
}

/** What Postgres or the way to it says, as a sentence for whoever set the variable. Neither names the password. */
function unusableDatabase(error: unknown): unknown {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error && 'code' in cause && typeof cause.code === 'string')) return error;
  return new ConfigError(`DATABASE_URL: cannot be used: ${cause.message || 'nothing answers there'} (${cause.code}).`);
}

async function openConnection(
  config: ServerConfig,
  logger: Logger,
  releasers: Array<() => Promise<void>>,
): Promise<{ connection: ConnectOptions; listen: ConnectOptions | undefined; disk: typeof noDiskReserve }> {
  if (config.databaseUrl !== undefined) {
    const connection = { url: config.databaseUrl };
    return { connection, listen: { url: config.listenUrl ?? config.databaseUrl }, disk: noDiskReserve };
  }
  const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, log: logger });
  releasers.push(() => embedded.stop());
  if (config.diskReserveBytes === 0) return { connection: embedded.connection, listen: undefined, disk: noDiskReserve };
  const disk = new DiskReserve({
    folder: embedded.dataDir,
    reserveBytes: config.diskReserveBytes,
    onChange: (isShort, freeBytes) => {
      if (isShort) logger.warn({ freeBytes }, 'the disk is nearly full: nothing new is taken until there is space');
      else logger.info({ freeBytes }, 'there is space on the disk again: lines are taken');
    },
  });
  return { connection: embedded.connection, listen: undefined, disk };
}
