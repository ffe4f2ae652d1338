import { readdirSync } from 'node:fs';
import postgres from 'postgres';
import type { ServerProcess } from './server-process';

/** The folder of the embedded Postgres' socket, and the port in its name. */
export function socketOf(server: ServerProcess): { folder: string; port: number } {
  const files = readdirSync(server.folder, { recursive: true, withFileTypes: true });
  const socket = files.find((entry) => entry.name === '.s.PGSQL.5432');
  if (!socket) throw new Error(`no Postgres socket was found below ${server.folder}`);
  return { folder: socket.parentPath, port: 5432 };
}

/** One connection to the embedded Postgres of a server under measurement. */
export function openDatabase(server: ServerProcess): postgres.Sql {
  const { folder, port } = socketOf(server);
  return postgres({ host: folder, port, database: 'stratal', username: 'stratal', max: 1, onnotice: () => {} });
}
