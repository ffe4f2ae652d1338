import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { connect } from './open-database';

/**
 * The yardstick: takes NDJSON by POST and sends every line to every reader with `ws.send`. Nothing is stored, unless the folder of a
 * Postgres' socket is given: then the lines of a post are rows, committed by one statement before they are sent.
 */
const [socketFolder] = process.argv.slice(2);
const store = socketFolder === undefined ? undefined : await openStore(socketFolder);
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const server = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const lines = body.split('\n').filter((line) => line !== '');
  await store?.(lines);
  for (const line of lines) for (const socket of sockets.clients) socket.send(line);
  response.end('{}');
});
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://localhost:${address?.port}`);
});
process.on('SIGTERM', () => process.exit(0));

async function openStore(host: string): Promise<(lines: string[]) => Promise<unknown>> {
  const sql = connect(host);
  await sql`create table bare_rows (id bigserial primary key, at timestamptz default now(), line text)`;
  return (lines) =>
    lines.length === 1
      ? sql`insert into bare_rows (line) values (${lines[0] ?? ''})`
      : sql`insert into bare_rows (line) select unnest(${lines}::text[])`;
}
