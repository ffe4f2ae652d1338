import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { streamOf } from './fan-out';
import { makeText } from './make-log-lines';
import { post } from './post-bodies';
import { quantile } from './report';
import type { ServerProcess } from './server-process';

/** Milliseconds from the begin of a post to its line at a reader, durable before it is sent; over all readers. */
export interface Live {
  p50: number;
  p99: number;
}

const LINES = 800;
const PAUSE_MS = 5;
/** Of each kind. */
const READERS = 5;

/** A reader of one run that knows when a text came to it. */
class LiveReader {
  #text = '';
  #wanted: { text: string; found: (at: bigint) => void } | undefined;
  readonly close: () => void;

  private constructor(close: () => void) {
    this.close = close;
  }

  static async overWebSocket(server: ServerProcess, run: string): Promise<LiveReader> {
    const socket = new WebSocket(`ws://localhost:${server.port}${streamOf('websocket', run).path}`);
    const reader = new LiveReader(() => socket.terminate());
    socket.on('message', (data: Buffer) => reader.#take(data.toString()));
    await once(socket, 'open');
    return reader;
  }

  static async overSse(server: ServerProcess, run: string): Promise<LiveReader> {
    const call = get(`${server.url}${streamOf('sse', run).path}`, {
      headers: { accept: 'text/event-stream' },
    });
    const [response] = await once(call, 'response');
    if (response.statusCode !== 200) throw new Error(`the stream was answered with ${response.statusCode}`);
    const reader = new LiveReader(() => call.destroy());
    call.on('error', () => {});
    response.on('error', () => {});
    response.on('data', (data: Buffer) => reader.#take(data.toString()));
    return reader;
  }

  /** When the text came, in nanoseconds of the process' clock; what came before is forgotten. */
  next(text: string): Promise<bigint> {
    this.#text = '';
    return new Promise((found) => {
      this.#wanted = { text, found };
    });
  }

  #take(data: string): void {
    if (this.#wanted === undefined) return;
    this.#text += data;
    if (!this.#text.includes(this.#wanted.text)) return;
    this.#wanted.found(process.hrtime.bigint());
    this.#wanted = undefined;
  }
}

/** The delay of single lines to raw WebSocket and SSE readers. */
export async function liveDelay(server: ServerProcess, run: string): Promise<Live> {
  const url = `${server.url}/api/v1/job-runs/${run}/logs`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const bodyOf = (line: number) => Buffer.from(`${JSON.stringify({ message: `${makeText(line)} live=${line};` })}\n`);
  await post(url, bodyOf(0), agent);
  const readers = await Promise.all(
    Array.from({ length: READERS }, () => [
      LiveReader.overWebSocket(server, run),
      LiveReader.overSse(server, run),
    ]).flat(),
  );
  const delays: number[] = [];
  for (let line = 1; line <= LINES; line++) {
    const reached = readers.map((reader) => reader.next(` live=${line};`));
    const start = process.hrtime.bigint();
    await post(url, bodyOf(line), agent);
    for (const end of await Promise.all(reached)) delays.push(Number(end - start) / 1e6);
    await wait(PAUSE_MS);
  }
  for (const reader of readers) reader.close();
  agent.destroy();
  delays.sort((a, b) => a - b);
  return { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
}
