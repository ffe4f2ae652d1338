import { once } from 'node:events';
import WebSocket from 'ws';
import type { StratalServer } from './stratal-server';

/** Lets a server be asked through Node's inspector, which needs nothing of the server itself. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** Bytes of the server's JavaScript heap that are in use after a collection; the server was started with `INSPECTED`. */
export async function liveHeapBytes(server: StratalServer): Promise<number> {
  const url = /Debugger listening on (ws:\/\/\S+)/.exec(server.output)?.[1];
  if (url === undefined) throw new Error('the server was not started with an inspector');
  const socket = new WebSocket(url);
  await once(socket, 'open');
  const ask = async (id: number, method: string): Promise<unknown> => {
    socket.send(JSON.stringify({ id, method }));
    for (;;) {
      const [data] = await once(socket, 'message');
      const answer: { id?: number; result?: unknown } = JSON.parse(String(data));
      if (answer.id === id) return answer.result;
    }
  };
  await ask(1, 'HeapProfiler.collectGarbage');
  await ask(2, 'HeapProfiler.collectGarbage');
  const { usedSize } = Object(await ask(3, 'Runtime.getHeapUsage'));
  socket.close();
  await once(socket, 'close');
  return Number(usedSize);
}
