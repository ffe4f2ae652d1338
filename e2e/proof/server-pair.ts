import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StratalServer } from '@/e2e/stratal-server';
import type { ConnectOptions } from '@/lib/store/database';
import { type EmbeddedProcess, startEmbeddedProcess } from '@/lib/store/testing/embedded-process';

/** Two server processes on one Postgres: the first serves SSE directly, the second through Next's route handler. */
export class ServerPair {
  readonly direct: StratalServer;
  readonly handler: StratalServer;
  /** How others connect to their Postgres. */
  readonly connection: ConnectOptions;
  readonly #postgres: EmbeddedProcess;
  readonly #folder: string;

  private constructor(
    servers: [StratalServer, StratalServer],
    postgres: EmbeddedProcess,
    connection: ConnectOptions,
    folder: string,
  ) {
    [this.direct, this.handler] = servers;
    this.#postgres = postgres;
    this.connection = connection;
    this.#folder = folder;
  }

  static async start(): Promise<ServerPair> {
    const folder = await mkdtemp(path.join(tmpdir(), 'stratal-proof-'));
    // Started by root, Postgres runs as another user, who has to pass this folder.
    await chmod(folder, 0o755);
    const postgres = startEmbeddedProcess(path.join(folder, 'data'));
    const connection = await postgres.connection;
    const { host, port, database, username } = connection;
    const env = { DATABASE_URL: `postgres:///${database}`, PGHOST: host, PGPORT: String(port), PGUSERNAME: username };
    // One after the other: the first of them makes the tables.
    const direct = await StratalServer.start({ env: { ...env, STRATAL_SSE: 'direct' } });
    const handler = await StratalServer.start({ env: { ...env, STRATAL_SSE: 'handler' } });
    return new ServerPair([direct, handler], postgres, connection, folder);
  }

  get both(): readonly [StratalServer, StratalServer] {
    return [this.direct, this.handler];
  }

  async close(): Promise<void> {
    await this.direct.close();
    await this.handler.close();
    await this.#postgres.end('SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }
}
