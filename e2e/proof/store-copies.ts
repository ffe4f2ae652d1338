import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PlainPostgres } from '@/e2e/plain-postgres';
import { StratalServer } from '@/e2e/stratal-server';

const run = promisify(execFile);

/** A server whose store is copied and put back, as docs/operations.md tells it to operators. */
export interface CopiedStore {
  readonly server: StratalServer;
  /** By which `stratal check` finds the store. */
  readonly env: Record<string, string>;
  /** Copies the store. */
  copy(): Promise<void>;
  /** Puts the copy in the place of the store, whose server is stopped. */
  putBack(): Promise<void>;
  close(): Promise<void>;
}

/** The data folder of the embedded Postgres, copied while the server is stopped. */
export async function openFolderStore(): Promise<CopiedStore> {
  const server = await StratalServer.start();
  const { dataDir } = server;
  const kept = `${dataDir}-copy`;
  return {
    server,
    env: { STRATAL_DATA_DIR: dataDir },
    copy: async () => {
      await server.stop();
      // With owners: started by root, Postgres runs as another user.
      await run('cp', ['-a', dataDir, kept]);
      await server.startAgain();
    },
    putBack: async () => {
      await rm(dataDir, { recursive: true });
      await rename(kept, dataDir);
    },
    close: () => server.close(),
  };
}

const DATABASE = 'logs';

/** A database of the operator's own Postgres, dumped while the server goes on. Undefined where no Postgres here has the programs. */
export async function openDumpedStore(): Promise<CopiedStore | undefined> {
  const postgres = await PlainPostgres.start({ programs: ['createdb', 'dropdb', 'pg_dump', 'pg_restore'] });
  if (!postgres) return undefined;
  await postgres.run('createdb', DATABASE);
  const env = { ...postgres.env, DATABASE_URL: `postgres:///${DATABASE}` };
  const server = await StratalServer.start({ env });
  const dump = path.join(postgres.home, 'dump');
  return {
    server,
    env,
    copy: () => postgres.run('pg_dump', '--format=custom', `--file=${dump}`, DATABASE),
    putBack: async () => {
      await postgres.run('dropdb', DATABASE);
      await postgres.run('createdb', DATABASE);
      await postgres.run('pg_restore', '--exit-on-error', `--dbname=${DATABASE}`, dump);
    },
    close: async () => {
      await server.close();
      await postgres.close();
    },
  };
}
