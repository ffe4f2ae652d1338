import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'socket.io';
import type { WebSocket } from 'ws';
import type { TransportName } from '@/lib/client/stream-options';
import { CLOSE, SUBPROTOCOL } from '@/lib/protocol/close-codes';
import { PROBLEM_TYPE } from '@/lib/protocol/problem';
import { subscribeSchema } from '@/lib/protocol/socket-io';
import type { Carrier, ScriptedStreams, SeenRequest } from './scripted-streams';

/** The three ways in which the scripted server's streams travel. */

export function serveSse(streams: ScriptedStreams, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const seen = seenOf('sse', url, request);
  const runId = url.searchParams.get('job_run_id') ?? undefined;
  const refusal = streams.refusalOf(seen, runId);
  if (refusal) {
    const { retryAfter } = refusal.members;
    const headers = { 'content-type': PROBLEM_TYPE, ...(retryAfter && { 'retry-after': String(retryAfter) }) };
    response.writeHead(refusal.status, headers).end(JSON.stringify(refusal.toProblem()));
    return;
  }
  if (streams.log.start(runId === undefined, seen.after, seen.tail).isOver) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write(`retry: 2000\n: ${' '.repeat(1024)}\n\n`);
  const write = (event: string, id: string, data: unknown): void => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    response.write(`event: ${event}\nid: ${id}\ndata: ${text}\n\n`);
  };
  const forget = streams.begin(seen, runId, {
    lines: (lines, cursor) => {
      for (const line of lines) write('log', cursorOf(line, cursor), line);
    },
    control: (type, payload) => write(type, Reflect.get(payload, 'cursor') ?? '', payload),
    end: () => response.end(),
    kill: () => response.write(':\n', () => response.destroy()),
    drain: () => response.end(),
  });
  response.on('close', forget);
}

export function serveWebSocket(
  streams: ScriptedStreams,
  url: URL,
  request: IncomingMessage,
  webSocket: WebSocket,
): void {
  assert.equal(webSocket.protocol, SUBPROTOCOL);
  const seen = seenOf('websocket', url, request);
  const runId = url.searchParams.get('job_run_id') ?? undefined;
  const refusal = streams.refusalOf(seen, runId);
  if (refusal) {
    webSocket.close(refusal.closeCode, `${refusal.code}: ${refusal.message}`);
    return;
  }
  if (streams.log.start(runId === undefined, seen.after, seen.tail).isOver) {
    webSocket.close(CLOSE.ended, streams.log.status);
    return;
  }
  const send = (value: unknown): void => webSocket.send(typeof value === 'string' ? value : JSON.stringify(value));
  const forget = streams.begin(seen, runId, {
    lines: (lines) => lines.forEach(send),
    control: (type, payload) => send({ type, ...payload }),
    end: (status) => webSocket.close(CLOSE.ended, status),
    kill: () => webSocket.terminate(),
    drain: () => webSocket.close(CLOSE.draining),
  });
  webSocket.on('close', forget);
}

export function serveSubscriptions(streams: ScriptedStreams, socket: Socket): void {
  const forgets = new Map<unknown, () => void>();
  let untaken = 0;
  let isToBeKilled = false;
  const killWhenTaken = (): void => {
    isToBeKilled = true;
    if (untaken === 0) socket.conn.close(true);
  };
  const carrierOf = (sub: string | number): Carrier => ({
    lines: (lines, cursor) => {
      untaken += 1;
      socket.emit('lines', { sub, cursor, lines }, () => {
        untaken -= 1;
        if (isToBeKilled) killWhenTaken();
      });
    },
    control: (type, payload) => socket.emit(type, { sub, ...payload }),
    end: () => undefined,
    kill: killWhenTaken,
    drain: () => socket.disconnect(true),
  });
  socket.on('subscribe', (input: unknown, ack: (answer: object) => void) => {
    const { sub, job_run_id, after, tail, filter } = subscribeSchema.parse(input);
    const { headers } = socket.handshake;
    const level = filter?.level === undefined ? undefined : String(filter.level);
    const seen: SeenRequest = { transport: 'socketio', after: after?.toString(), tail, level, headers };
    const refusal = streams.refusalOf(seen, job_run_id);
    if (refusal) {
      ack(refusal.toProblem());
      return;
    }
    const onStart = (cursor: string): void => ack({ ok: true, cursor });
    forgets.set(sub, streams.begin(seen, job_run_id, carrierOf(sub), onStart));
  });
  socket.on('unsubscribe', ({ sub }: { sub: unknown }) => forgets.get(sub)?.());
  socket.on('disconnect', () => {
    for (const forget of forgets.values()) forget();
  });
}

function seenOf(transport: TransportName, { searchParams }: URL, { headers }: IncomingMessage): SeenRequest {
  const tail = searchParams.get('tail');
  return {
    transport,
    after: searchParams.get('after') ?? undefined,
    tail: tail === null ? undefined : Number(tail),
    level: searchParams.get('level') ?? undefined,
    headers,
  };
}

function cursorOf(line: unknown, cursor: string): string {
  const id = typeof line === 'object' && line !== null ? Reflect.get(line, 'id') : undefined;
  const own = typeof line === 'object' && line !== null ? Reflect.get(line, 'cursor') : undefined;
  if (typeof own === 'string') return own;
  return typeof id === 'number' ? cursor.replace(/\.\d+$/, `.${id}`) : cursor;
}
