import { after, before } from 'node:test';
import { readServerConfig } from '@/lib/config/server';
import { openLogger } from '@/lib/observability/logger';
import { createRuntime, type Runtime } from '@/lib/runtime';
import { setRuntime } from '@/lib/runtime-handle';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';

/** A runtime on a private database for the tests around it, where route handlers look for theirs. */
export function useTestRuntime(): () => Runtime {
  let database: TestDatabase;
  let runtime: Runtime | undefined;
  before(async () => {
    database = await openTestDatabase();
    const { host, port, database: name, username } = database.options;
    const url = `postgres://${username}@localhost:${port}/${name}?host=${encodeURIComponent(host ?? '')}`;
    const config = readServerConfig({ NODE_ENV: 'production', DATABASE_URL: url });
    runtime = await createRuntime(config, openLogger('silent'));
    setRuntime(runtime);
  });
  after(async () => {
    setRuntime(undefined);
    await runtime?.close();
    await database.drop();
  });
  return () => {
    if (!runtime) throw new Error('there is no runtime yet');
    return runtime;
  };
}
