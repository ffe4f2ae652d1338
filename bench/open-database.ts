import { readdirSync } from 'node:fs';
import postgres from 'postgres';
import type { ServerProcess } from './server-process';

/** One connection to the embedded Postgres of a server under measurement. */
export function openDatabase(server: ServerProcess): postgres.Sql {
  const files = readdirSync(server.folder, { recursive: true, withFileTypes: true });
  const socket = files.find((entry) => entry.name === '.s.PGSQL.5432');
  if (!socket) throw new Error(`no Postgres socket was found below ${server.folder}`);
  return postgres({
    host: socket.parentPath,
    port: 5432,
    database: 'stratal',
    username: 'stratal',
    max: 1,
    onnotice: () => {},
  });
}
