import { after, afterEach, before } from 'node:test';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import type { TestReader } from './test-reader';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server';

/** A database for the test file, and servers that are closed after each test. */
export function useTestServers() {
  let database: TestDatabase | undefined;
  const servers: TestServer[] = [];
  let runs = 0;
  before(async () => {
    database = await openTestDatabase();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  after(() => database?.drop());
  return {
    start: async (options: TestServerOptions): Promise<TestServer> => {
      if (!database) throw new Error('there is no database yet');
      const server = await startTestServer(database, options);
      servers.push(server);
      return server;
    },
    newRunId: (): string => {
      runs += 1;
      return `run-${runs}`;
    },
    get database(): TestDatabase {
      if (!database) throw new Error('there is no database yet');
      return database;
    },
  };
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Lets the event loop go round until the condition holds; the test runner's own limit ends it where it never does. */
export async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Settles when the server has taken a global stream, which a bare WebSocket is not told. */
export async function untilOpened(server: TestServer, reader: TestReader): Promise<void> {
  await untilTrue(() => {
    if (reader.ended) throw new Error(`the stream ended: ${JSON.stringify(reader.ended)}`);
    return Object.values(server.transports.status().connections.global).some((count) => count > 0);
  });
}

export async function untilNoStreams(server: TestServer): Promise<void> {
  await untilTrue(() => {
    const { global, jobs } = server.transports.status().connections;
    return Object.keys(jobs).length === 0 && Object.values(global).every((count) => count === 0);
  });
}
