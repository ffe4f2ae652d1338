import { EventSource } from 'eventsource';
import { io, type Socket } from 'socket.io-client';
import WebSocket from 'ws';
import { SUBPROTOCOL } from '@/lib/protocol/close-codes';
import { type LogMessage, logMessageSchema } from '@/lib/protocol/log-message';
import { linesSchema, subscribeAckSchema } from '@/lib/protocol/socket-io';
import { type ControlType, controlSchemas } from '@/lib/protocol/stream-events';
import { type ReaderQuery, type Seen, TestReader } from './test-reader';

const CONTROL_TYPES = ['connected', 'progress', 'reset', 'run-end', 'partial'] as const;

export interface TransportClient {
  name: string;
  /** False: no control events reach this client. */
  hasControl: boolean;
  /** How the server under test serves SSE. */
  sse: 'direct' | 'handler';
  read(url: string, query: ReaderQuery): TestReader;
}

/** Every way to read a stream, by a client of others: browsers' EventSource, ws, and Socket.IO's own. */
export const CLIENTS: readonly TransportClient[] = [
  { name: 'sse direct', hasControl: true, sse: 'direct', read: readSse },
  { name: 'sse handler', hasControl: true, sse: 'handler', read: readSse },
  { name: 'websocket', hasControl: false, sse: 'direct', read: (url, query) => readWebSocket(url, query, []) },
  {
    name: 'stratal.v1',
    hasControl: true,
    sse: 'direct',
    read: (url, query) => readWebSocket(url, query, [SUBPROTOCOL]),
  },
  { name: 'socket.io', hasControl: true, sse: 'direct', read: readSocketIo },
];

export function streamUrl(url: string, path: 'sse' | 'ws', { filter, ...query }: ReaderQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...filter })) parameters.set(name, String(value));
  return `${url}/api/v1/logs/stream/${path}?${parameters}`;
}

export function readSse(url: string, query: ReaderQuery): TestReader {
  const source = new EventSource(streamUrl(url, 'sse', query));
  const reader = new TestReader(() => source.close());
  source.addEventListener('log', (event) => {
    const line = parseLine(event.data);
    reader.see({ type: 'log', line, cursor: event.lastEventId });
  });
  for (const type of CONTROL_TYPES) {
    source.addEventListener(type, (event) => reader.see(parseControl(type, JSON.parse(event.data))));
  }
  source.addEventListener('error', (event) => {
    // It would come back by itself: tests that want that look at another one.
    source.close();
    reader.end({ code: event.code });
  });
  return reader;
}

export function readWebSocket(url: string, query: ReaderQuery, protocols: string[]): TestReader {
  const socket = new WebSocket(streamUrl(url.replace('http', 'ws'), 'ws', query), protocols);
  const reader = new TestReader(() => socket.terminate());
  socket.on('message', (data) => {
    const value: unknown = JSON.parse(String(data));
    const type = CONTROL_TYPES.find(
      (name) => typeof value === 'object' && value !== null && 'type' in value && value.type === name,
    );
    if (type) reader.see(parseControl(type, value));
    else {
      const line = logMessageSchema.parse(value);
      reader.see({ type: 'log', line, cursor: line.cursor });
    }
  });
  socket.on('error', () => {});
  socket.on('close', (code, reason) => reader.end({ code, reason: String(reason) }));
  return reader;
}

export function connectSocketIo(url: string): Socket {
  return io(`${url}/logs`, { transports: ['websocket'], reconnection: false, forceNew: true });
}

function readSocketIo(url: string, { filter, ...query }: ReaderQuery): TestReader {
  const socket = connectSocketIo(url);
  const reader = new TestReader(() => (socket.connected ? socket.io.engine.close() : socket.disconnect()));
  const { partial: _always, ...rest } = query;
  socket.on('connect', () => {
    socket.emit('subscribe', { sub: 's', ...rest, ...(filter && { filter }) }, (answer: unknown) => {
      const ack = subscribeAckSchema.parse(answer);
      if (!('code' in ack)) return;
      reader.end({ problem: { code: ack.code, status: ack.status } });
      socket.disconnect();
    });
  });
  socket.on('lines', (event: unknown, acknowledge: () => void) => {
    const { lines, cursor } = linesSchema.parse(event);
    for (const [index, line] of lines.entries()) {
      reader.see({ type: 'log', line, cursor: index === lines.length - 1 ? cursor : line.cursor });
    }
    acknowledge();
  });
  for (const type of CONTROL_TYPES) {
    socket.on(type, (event: unknown) => {
      reader.see(parseControl(type, event));
      if (type !== 'run-end' || query.job_run_id === undefined) return;
      reader.end({});
      socket.disconnect();
    });
  }
  socket.on('connect_error', (error) => reader.end({ reason: error.message }));
  socket.on('disconnect', (reason) => reader.end({ reason }));
  return reader;
}

function parseLine(text: string): LogMessage {
  return logMessageSchema.parse(JSON.parse(text));
}

function parseControl(type: ControlType, value: unknown): Seen {
  switch (type) {
    case 'connected':
      return { type, event: controlSchemas[type].parse(value) };
    case 'progress':
      return { type, event: controlSchemas[type].parse(value) };
    case 'reset':
      return { type, event: controlSchemas[type].parse(value) };
    case 'run-end':
      return { type, event: controlSchemas[type].parse(value) };
    case 'partial':
      return { type, event: controlSchemas[type].parse(value) };
  }
}
