/**
 * A server's embedded Postgres in a process of its own, for tests that kill it: prints one JSON line when it is up, and
 * stops on SIGTERM. Argument: the data folder.
 */

import { reasonOf } from '@/lib/store/embedded/embedded-error';
import { startEmbeddedPostgres } from '@/lib/store/embedded/embedded-postgres';

const log = { info: console.error, warn: console.error, error: console.error };

async function main(dataDir: string): Promise<void> {
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  process.once('SIGTERM', () => {
    void embedded.stop();
  });
  console.log(JSON.stringify(embedded.connection));
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(reasonOf(error));
  process.exitCode = 1;
});
