import http from 'node:http';
import { createParser } from 'eventsource-parser';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { API_BASE, historySchema } from '@/lib/protocol/api';
import { CLOSE, SUBPROTOCOL, shouldReconnect } from '@/lib/protocol/close-codes';
import { logMessageSchema } from '@/lib/protocol/log-message';
import { linesSchema, subscribeAckSchema } from '@/lib/protocol/socket-io';
import type { ConnectionEffects, OpenConnection, ReaderConnection, ReaderOptions } from './raw-reader';

const CONTROL_TYPES = ['connected', 'progress', 'reset', 'run-end', 'partial'] as const;
/** A long poll that nothing comes for is asked again after this many seconds. */
const POLL_SECONDS = 5;
/** Statuses of a server that is away or goes away: come back. */
const PASSING = new Set([500, 502, 503, 504]);

/** Each way to read that WIRE.md names, by its own connection. Long polling reads runs alone. */
export const READER_KINDS: Readonly<Record<string, OpenConnection>> = {
  sse: openSse,
  websocket: (target, options, cursor, on) => openWebSocket(target, options, cursor, on, []),
  'stratal.v1': (target, options, cursor, on) => openWebSocket(target, options, cursor, on, [SUBPROTOCOL]),
  'socket.io': openSocketIo,
  'long poll': openLongPoll,
};

function queryOf({ run, filter }: ReaderOptions, more: Record<string, string | undefined>): string {
  const query = new URLSearchParams({ ...(run && { job_run_id: run.id }), ...filter?.query });
  for (const [name, value] of Object.entries(more)) if (value !== undefined) query.set(name, value);
  return String(query);
}

function openSse(target: string, options: ReaderOptions, cursor: string | undefined, on: ConnectionEffects) {
  // A first start has a cursor of its own at most in `after`; a resume has it in the header.
  const url = `${target}${API_BASE}/logs/stream/sse?${queryOf(options, {})}`;
  const headers = { ...(cursor !== undefined && { 'last-event-id': cursor }) };
  return openHttp(url, headers, on, (response, close) => {
    if (response.statusCode === 204) on.over();
    if (response.statusCode !== 200) return close();
    on.opened();
    const parser = createParser({
      onEvent: ({ event = 'message', id = '', data }) => {
        const value: unknown = JSON.parse(data);
        if (event === 'log') on.line(logMessageSchema.parse(value), id);
        else on.control(event, value);
      },
    });
    response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
  });
}

function openWebSocket(
  target: string,
  options: ReaderOptions,
  cursor: string | undefined,
  on: ConnectionEffects,
  protocols: string[],
): ReaderConnection {
  const url = `${target.replace('http', 'ws')}${API_BASE}/logs/stream/ws?${queryOf(options, { after: cursor })}`;
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
  socket.on('open', () => on.opened());
  socket.on('message', (data) => {
    const value: unknown = JSON.parse(String(data));
    if (typeof value === 'object' && value !== null && 'type' in value) return on.control(String(value.type), value);
    const line = logMessageSchema.parse(value);
    on.line(line, line.cursor ?? String(line.id));
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on('close', (code, reason) => {
      if (code === CLOSE.ended) on.over();
      else if (!shouldReconnect(code)) on.fault(`closed with ${code} ${String(reason)}`);
      resolve();
    });
  });
  return {
    closed,
    cut: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function openSocketIo(target: string, options: ReaderOptions, cursor: string | undefined, on: ConnectionEffects) {
  const { run, filter } = options;
  const socket = io(`${target}/logs`, { transports: ['websocket'], reconnection: false, forceNew: true });
  let unacknowledged = 0;
  let held: Array<() => void> | undefined;
  socket.on('connect', () => {
    on.opened();
    const query = {
      sub: 's',
      ...(run && { job_run_id: run.id }),
      ...(cursor !== undefined && { after: cursor }),
      ...(filter && { filter: filter.query }),
    };
    socket.emit('subscribe', query, (answer: unknown) => {
      const ack = subscribeAckSchema.parse(answer);
      if ('code' in ack && !PASSING.has(ack.status)) on.fault(`the subscription was refused: ${ack.detail}`);
      if ('code' in ack) socket.disconnect();
    });
  });
  socket.on('lines', (event: unknown, acknowledge: () => void) => {
    const { lines, cursor: after } = linesSchema.parse(event);
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)), 0);
    unacknowledged += bytes;
    on.unacknowledged(unacknowledged);
    for (const line of lines) on.line(line, line.cursor ?? after);
    const take = () => {
      unacknowledged -= bytes;
      acknowledge();
    };
    if (held) held.push(take);
    else take();
  });
  for (const type of CONTROL_TYPES) {
    socket.on(type, (event: unknown) => {
      on.control(type, event);
      if (type !== 'run-end' || run === undefined) return;
      on.over();
      socket.disconnect();
    });
  }
  let leave = () => {};
  const closed = new Promise<void>((resolve) => {
    leave = resolve;
    socket.on('connect_error', () => resolve());
    socket.on('disconnect', () => resolve());
  });
  return {
    closed,
    cut: () => {
      if (socket.connected) socket.io.engine.close();
      socket.disconnect();
      // Before the connection is there, its end is told to nobody.
      leave();
    },
    pause: () => {
      held ??= [];
    },
    resume: () => {
      const waiting = held ?? [];
      held = undefined;
      for (const take of waiting) take();
    },
  };
}

function openLongPoll(target: string, options: ReaderOptions, cursor: string | undefined, on: ConnectionEffects) {
  const { run, filter } = options;
  if (!run) throw new TypeError('long polling reads runs');
  const query = new URLSearchParams({ after: cursor ?? '0', wait: String(POLL_SECONDS), limit: '1000' });
  for (const [name, value] of Object.entries(filter?.query ?? {})) query.set(name, value);
  return openHttp(`${target}${API_BASE}/logs/job-runs/${run.id}?${query}`, {}, on, (response, close) => {
    if (response.statusCode !== 200) return close();
    on.opened();
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    response.on('end', () => {
      if (!response.complete) return;
      const { logs, pagination } = historySchema.parse(JSON.parse(text));
      for (const line of logs) on.line(line, pagination.next);
      on.control('progress', { cursor: pagination.next, at: '' });
      if (pagination.ended) on.over();
    });
  });
}

/** A GET whose answer `take` reads; whatever ends it settles `closed`. */
function openHttp(
  url: string,
  headers: Record<string, string>,
  on: ConnectionEffects,
  take: (response: http.IncomingMessage, close: () => void) => void,
): ReaderConnection {
  let answer: http.IncomingMessage | undefined;
  const request = http.get(url, { headers, agent: false });
  const closed = new Promise<void>((resolve) => {
    request.on('error', () => resolve());
    request.on('close', () => resolve());
    request.on('response', (response) => {
      answer = response;
      const { statusCode = 0 } = response;
      if (statusCode >= 400 && !PASSING.has(statusCode)) on.fault(`answered with ${statusCode}`);
      response.on('error', () => {});
      response.on('close', () => resolve());
      take(response, () => request.destroy());
    });
  });
  return {
    closed,
    cut: () => request.destroy(),
    pause: () => answer?.pause(),
    resume: () => answer?.resume(),
  };
}
