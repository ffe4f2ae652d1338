import { CLOSE, SUBPROTOCOL, shouldReconnect } from '@/lib/protocol/close-codes';
import { requestHeaders } from './api-request';
import { isNode } from './base-url';
import { errorOfReason, refusalOfClose, refusalOfHandshake, StreamError } from './client-errors';
import type { ConnectionOptions, WebSocketConstructor, WebSocketLike } from './stream-options';
import { webSocketUrl } from './stream-url';
import type { Closing, Report, Transport, TransportConnection, TransportStart, TransportTarget } from './transport';
import { member, parseJson, WireReader } from './wire-reader';

/** The raw WebSocket with the subprotocol whose clients get control frames. */
export function createWebSocketTransport(target: TransportTarget): Transport {
  return { open: (start, report) => openWebSocket(target, start, report), dispose: () => undefined };
}

function openWebSocket(target: TransportTarget, start: TransportStart, report: Report): TransportConnection {
  let isOver = false;
  let socket: WebSocketLike | undefined;
  const finish = (closing: Closing): void => {
    if (isOver) return;
    isOver = true;
    report({ type: 'closed', ...closing });
  };
  const begin = async (): Promise<void> => {
    const Implementation = await loadWebSocket(target.connection);
    if (isOver) return;
    const headers = requestHeaders(target.connection);
    const options = isNode() && Object.keys(headers).length > 0 ? [{ headers }] : [];
    socket = new Implementation(webSocketUrl(target, start), [SUBPROTOCOL], ...options);
    listen(socket, report, finish, () => isOver);
  };
  begin().catch((error: unknown) => finish({ outcome: 'lost', error: toStreamError(error) }));
  return {
    close(suspect) {
      isOver = true;
      if (suspect && socket?.terminate) socket.terminate();
      else socket?.close(CLOSE.ended);
    },
  };
}

function listen(
  socket: WebSocketLike,
  report: Report,
  finish: (closing: Closing) => void,
  isOver: () => boolean,
): void {
  const reader = new WireReader((event) => {
    if (!isOver()) report(event);
  });
  let isFlushPlanned = false;
  let failure: unknown;
  socket.addEventListener('message', ({ data }) => {
    if (isOver()) return;
    readFrame(data, reader);
    if (isFlushPlanned) return;
    // Frames of one network read come in one turn: their lines make one batch.
    isFlushPlanned = true;
    queueMicrotask(() => {
      isFlushPlanned = false;
      reader.flush();
    });
  });
  socket.addEventListener('error', (event) => {
    failure = event;
  });
  socket.addEventListener('close', ({ code, reason }) => {
    reader.flush();
    finish(closingOf(code, reason, failure));
  });
}

function readFrame(data: unknown, reader: WireReader): void {
  const value = typeof data === 'string' ? parseJson(data) : undefined;
  const type = member(value, 'type');
  if (typeof type === 'string') reader.control(type, value);
  else reader.line(value);
}

function closingOf(code: number, reason: string, failure: unknown): Closing {
  if (code === CLOSE.ended) return { outcome: 'ended' };
  if (!shouldReconnect(code)) return { outcome: 'refused', error: refusalOfClose(code, reason) };
  const error = errorOfReason(reason, code);
  if (error) return { outcome: 'lost', error };
  if (code >= 4000 && code <= 4499) return { outcome: 'lost' };
  const refusal = refusalOfHandshake(String(member(failure, 'message')));
  if (refusal) return { outcome: 'refused', error: refusal };
  const text = `The connection was lost (close code ${code}${reason === '' ? '' : `: ${reason}`}).`;
  return { outcome: 'lost', error: new StreamError('connection', text, member(failure, 'error')) };
}

/** Node's own WebSocket (from 22 on) cannot send headers, so `ws` goes first there. */
async function loadWebSocket({ WebSocket: given }: ConnectionOptions): Promise<WebSocketConstructor> {
  if (given) return given;
  if (isNode()) {
    const loaded = await import('ws').catch(() => undefined);
    if (loaded) return loaded.WebSocket;
  }
  if (typeof WebSocket === 'undefined') {
    throw new StreamError(
      'connection',
      'There is no WebSocket here: install the package ws, or pass one as an option.',
    );
  }
  return WebSocket;
}

function toStreamError(error: unknown): StreamError {
  return error instanceof StreamError ? error : new StreamError('connection', 'The connection was not made.', error);
}
