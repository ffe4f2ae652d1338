import { readdirSync } from 'node:fs';
import postgres from 'postgres';
import type { ServerProcess } from './server-process';

const PORT = 5432;

/** The folder of the embedded Postgres' socket, and the port in its name. */
export function socketOf(server: ServerProcess): { folder: string; port: number } {
  const files = readdirSync(server.folder, { recursive: true, withFileTypes: true });
  const socket = files.find((entry) => entry.name === `.s.PGSQL.${PORT}`);
  if (!socket) throw new Error(`no Postgres socket was found below ${server.folder}`);
  return { folder: socket.parentPath, port: PORT };
}

/** One connection to the embedded Postgres of a server under measurement. */
export function openDatabase(server: ServerProcess): postgres.Sql {
  return connect(socketOf(server).folder);
}

/** One connection to the embedded Postgres whose socket lies in a folder. */
export function connect(host: string): postgres.Sql {
  return postgres({ host, port: PORT, database: 'stratal', username: 'stratal', max: 1, onnotice: () => {} });
}
