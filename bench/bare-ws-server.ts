import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/** The yardstick: takes NDJSON by POST and sends every line to every reader with `ws.send`. Nothing is stored. */
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const server = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  for (const line of body.split('\n')) {
    if (line === '') continue;
    for (const socket of sockets.clients) socket.send(line);
  }
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
