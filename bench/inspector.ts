import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { ServerProcess } from './server-process';

const answerSchema = z.object({ id: z.number(), result: z.unknown() });
const evaluatedSchema = z.object({ result: z.object({ value: z.string() }) });
const memorySchema = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number() });

/** Bytes of a process after its garbage was collected; `external` is buffers outside the heap. */
export type Memory = z.infer<typeof memorySchema>;

/** What a server that was started with `--inspect` holds, after a full collection. */
export async function memoryOf(server: ServerProcess): Promise<Memory> {
  if (server.inspectorUrl === undefined) throw new Error('the server was not started with --inspect');
  const socket = new WebSocket(server.inspectorUrl);
  try {
    await once(socket, 'open');
    // Twice: the first frees buffers whose owners the second finds gone.
    await call(socket, 1, 'HeapProfiler.collectGarbage', {});
    await call(socket, 2, 'HeapProfiler.collectGarbage', {});
    const answer = await call(socket, 3, 'Runtime.evaluate', {
      expression: 'JSON.stringify(process.memoryUsage())',
    });
    return memorySchema.parse(JSON.parse(evaluatedSchema.parse(answer).result.value));
  } finally {
    socket.close();
  }
}

function call(socket: WebSocket, id: number, method: string, params: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    const hear = (data: WebSocket.RawData) => {
      const answer = answerSchema.safeParse(JSON.parse(String(data)));
      if (answer.data?.id !== id) return;
      socket.off('message', hear);
      resolve(answer.data.result);
    };
    socket.on('message', hear);
    socket.send(JSON.stringify({ id, method, params }));
  });
}
