import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@playwright/test';
import { EventSource } from 'eventsource';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { ApiClient, freshId } from './api-client';
import type { StratalServer } from './stratal-server';

const LINES_PER_BATCH = 3;
/** The producer is one of many, not an attack of its own. */
const BATCH_PAUSE_MS = 10;

/** A producer and a reader of each transport that go on beside an attack. None of them ever comes back by itself. */
export class Bystanders {
  readonly #server: StratalServer;
  readonly #pid: number;
  readonly #api: ApiClient;
  readonly #run = freshId('good');
  readonly #readers: LineReader[];
  readonly #producing: Promise<void>;
  #sent = 0;
  #isOver = false;

  private constructor(server: StratalServer) {
    this.#server = server;
    this.#pid = server.pid;
    this.#api = new ApiClient(server.url);
    this.#readers = [];
    this.#producing = this.#produce();
    // Thrown again by `expectUndisturbed`, which every attack ends with.
    this.#producing.catch(() => {});
  }

  static async start(server: StratalServer): Promise<Bystanders> {
    const bystanders = new Bystanders(server);
    await bystanders.untilSent(1);
    const run = bystanders.#run;
    bystanders.#readers.push(readSse(server.url, run), readWebSocket(server.url, run), readSocketIo(server.url, run));
    await Promise.all(bystanders.#readers.map((reader) => reader.until(1)));
    return bystanders;
  }

  /** Settles when the producer has been answered for so many more batches. */
  async untilSent(batches: number): Promise<void> {
    const goal = this.#sent + batches * LINES_PER_BATCH;
    while (this.#sent < goal) await Promise.race([pause(BATCH_PAUSE_MS), this.#producing]);
  }

  /** Ends producer and readers: every line reached each reader once and in order, and the server has nothing to report. */
  async expectUndisturbed(): Promise<void> {
    this.#isOver = true;
    await this.#producing;
    const expected = Array.from({ length: this.#sent }, (_, index) => `${index + 1} line ${index}`);
    for (const reader of this.#readers) {
      await reader.until(this.#sent);
      expect(reader.lines, reader.name).toEqual(expected);
      reader.close();
    }
    this.#api.close();
    expect(this.#server.pid).toBe(this.#pid);
    expect(() => process.kill(this.#pid, 0)).not.toThrow();
    expect(faultsIn(this.#server.output)).toEqual([]);
  }

  async #produce(): Promise<void> {
    const source = randomUUID();
    while (!this.#isOver) {
      const from = this.#sent;
      const lines = Array.from({ length: LINES_PER_BATCH }, (_, index) => `line ${from + index}`);
      const headers = { 'stratal-source': source, 'stratal-position': String(from) };
      const answer = await this.#api.lines(this.#run, lines, headers);
      expect([answer.status, answer.json()]).toEqual([
        200,
        { accepted: LINES_PER_BATCH, skipped: 0, next: from + LINES_PER_BATCH, job_run_ids: [this.#run] },
      ]);
      this.#sent += LINES_PER_BATCH;
      await pause(BATCH_PAUSE_MS);
    }
  }
}

/** What the server's log tells of itself: errors and stack traces. */
export function faultsIn(output: string): string[] {
  return output.split('\n').filter((line) => /"level":[56]0|^\s+at |\bUnhandled|Warning:/.test(line));
}

/** The lines that one connection was sent, as `<id> <message>`. */
class LineReader {
  readonly name: string;
  readonly lines: string[] = [];
  close = () => {};
  #ended: string | undefined;
  #tell = () => {};

  constructor(name: string) {
    this.name = name;
  }

  see(line: unknown): void {
    const { id, message } = Object(line);
    this.lines.push(`${id} ${message}`);
    this.#tell();
  }

  end(reason: string): void {
    this.#ended = reason;
    this.#tell();
  }

  async until(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.#ended !== undefined)
        throw new Error(`${this.name} ended at line ${this.lines.length} of ${count}: ${this.#ended}`);
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }
}

function readSse(url: string, run: string): LineReader {
  const reader = new LineReader('sse');
  const source = new EventSource(`${url}/api/v1/logs/stream/sse?job_run_id=${run}`);
  reader.close = () => source.close();
  source.addEventListener('log', (event) => reader.see(JSON.parse(event.data)));
  source.addEventListener('error', (event) => {
    source.close();
    reader.end(`${event.code} ${event.message}`);
  });
  return reader;
}

function readWebSocket(url: string, run: string): LineReader {
  const reader = new LineReader('websocket');
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/logs/stream/ws?job_run_id=${run}`);
  reader.close = () => socket.terminate();
  socket.on('message', (data) => reader.see(JSON.parse(String(data))));
  socket.on('error', () => {});
  socket.on('close', (code, reason) => reader.end(`${code} ${reason}`));
  return reader;
}

function readSocketIo(url: string, run: string): LineReader {
  const reader = new LineReader('socket.io');
  const socket = io(`${url}/logs`, { transports: ['websocket'], reconnection: false, forceNew: true });
  reader.close = () => socket.disconnect();
  socket.on('connect', () => socket.emit('subscribe', { sub: 1, job_run_id: run }));
  socket.on('lines', (event: { lines: unknown[] }, acknowledge: () => void) => {
    for (const line of event.lines) reader.see(line);
    acknowledge();
  });
  socket.on('connect_error', (error) => reader.end(error.message));
  socket.on('disconnect', (reason) => reader.end(reason));
  return reader;
}
