import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { requestHeaders, toApiError } from './api-request';
import { StreamError } from './client-errors';
import { closingOfError } from './closing';
import { streamUrl } from './stream-url';
import type { Closing, Report, Transport, TransportConnection, TransportStart, TransportTarget } from './transport';
import { parseJson, WireReader } from './wire-reader';

/** Characters of one event that is still unfinished: twice the longest line. */
const EVENT_CHARS_MAX = 512 * 1024;

/**
 * Server-Sent Events over `fetch`, which unlike EventSource can send headers, sees the status, and leaves reconnecting to
 * us. The body is read as fast as it is used, so a slow program slows the server down instead of filling memory.
 */
export function createSseTransport(target: TransportTarget): Transport {
  return { open: (start, report) => openSse(target, start, report), dispose: () => undefined };
}

function openSse(target: TransportTarget, start: TransportStart, report: Report): TransportConnection {
  const abort = new AbortController();
  const { signal } = abort;
  const send: Report = (event) => {
    if (!signal.aborted) report(event);
  };
  void read(target, start, send, signal).then((closing) => send({ type: 'closed', ...closing }));
  return { close: () => abort.abort() };
}

/** Never throws. */
async function read(
  target: TransportTarget,
  start: TransportStart,
  report: Report,
  signal: AbortSignal,
): Promise<Closing> {
  try {
    const request = target.connection.fetch ?? fetch;
    const headers = { Accept: 'text/event-stream', ...requestHeaders(target.connection) };
    const response = await request(streamUrl('sse', target, start), { headers, signal, cache: 'no-store' });
    if (response.status === 204) return { outcome: 'ended' };
    if (response.status !== 200) return closingOfError(await toApiError(response));
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
      await response.body?.cancel();
      return { outcome: 'lost', error: new StreamError('connection', 'The answer is not an event stream.') };
    }
    await readEvents(response.body, report);
    return { outcome: 'lost' };
  } catch (error) {
    return { outcome: 'lost', error: new StreamError('connection', 'The connection to the server was lost.', error) };
  }
}

async function readEvents(body: ReadableStream<Uint8Array>, report: Report): Promise<void> {
  const reader = new WireReader(report);
  const parser = createParser({ onEvent: (event) => onEvent(event, reader), maxBufferSize: EVENT_CHARS_MAX });
  const decoder = new TextDecoder();
  const chunks = body.getReader();
  try {
    for (;;) {
      const { done, value } = await chunks.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      reader.flush();
    }
  } finally {
    await chunks.cancel().catch(() => undefined);
  }
}

function onEvent({ event, id, data }: EventSourceMessage, reader: WireReader): void {
  if (event === undefined) return;
  const value = parseJson(data);
  if (event === 'log') reader.line(value, id);
  else reader.control(event, value);
}
