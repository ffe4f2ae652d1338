import { connect, type Socket } from 'node:net';

export type StreamKind = 'websocket' | 'sse' | 'socketio';

export interface StreamReaderOptions {
  kind: StreamKind;
  port: number;
  /** Of the endpoint with its query; on Socket.IO the run to subscribe to, with `after`. */
  path: string;
  subscribe?: { job_run_id: string; after: number } | undefined;
  /** The end of what is waited for: a text in the last line of the load, or, where lines are counted, a number of them. */
  marker: string | number;
  /** Called once, when it has come. */
  onMarker: () => void;
  /** What it does besides looking for the marker. The others cost more than nothing, so only some readers of many do them. */
  looksAt: 'nothing' | 'lines' | 'times';
  /** Where it looks at times: called with what a line that begins with `t=` says behind it. */
  onTime?: ((sentAtUs: number) => void) | undefined;
}

/** All sockets read into this one: each read is looked at before the next, and nothing of it is kept. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);
/** The marker is looked for in the last bytes of a read, and across the seam of two. */
const TAIL_BYTES = 512;
const SEAM_BYTES = 64;
const LINE_KEY = '"message":"';
const TIME = /"message":"t=(\d+) /g;
const PING = '\u0089\u0000';
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/** An event that says that there is nothing to say; alone in its chunk. */
const PROGRESS = /^id: \S+\nevent: progress\n/;
const CHUNK_END_BYTES = 2;
/** So much of a frame is looked at for what it is. */
const PREFIX_BYTES = 40;

/**
 * A reader of any transport that does next to nothing with what comes, so that the load costs the servers under comparison the same and
 * little: the end is known by a marker, and one reader among many counts lines.
 */
export class StreamReader {
  /** Of the stream, without the answer's head, the chunks of HTTP that it comes in, and `progress` of an event stream that was quiet. */
  bytes = 0;
  lines = 0;
  readonly #options: StreamReaderOptions;
  readonly #socket: Socket;
  readonly #onOpen: () => void;
  #head: string | undefined = '';
  #seam = '';
  #wasReached = false;
  #pending: Buffer | undefined;
  #skip = 0;
  #isChunked = false;
  #chunkHead = '';
  #isPaused = false;

  private constructor(options: StreamReaderOptions, onOpen: () => void, onError: (error: Error) => void) {
    this.#options = options;
    this.#onOpen = onOpen;
    const callback = (length: number) => {
      this.#read(length);
      return !this.#isPaused;
    };
    this.#socket = connect({ port: options.port, host: '127.0.0.1', onread: { buffer: READ_BUFFER, callback } });
    this.#socket.on('error', onError);
    this.#socket.once('close', () => onError(new Error(`the server closed the stream after ${this.bytes} bytes`)));
    this.#socket.write(request(options));
  }

  /** Resolves when the stream is open: answered, and on Socket.IO subscribed. `onLost` is called where it breaks later. */
  static open(options: StreamReaderOptions, onLost: (error: Error) => void): Promise<StreamReader> {
    return new Promise((resolve, reject) => {
      const reader: StreamReader = new StreamReader(
        options,
        () => resolve(reader),
        (error) => {
          reject(error);
          onLost(error);
        },
      );
    });
  }

  get countsLines(): boolean {
    return this.#options.looksAt === 'lines';
  }

  /** Takes nothing more from the socket. */
  stall(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.removeAllListeners('error');
    this.#socket.on('error', () => {});
    this.#socket.destroy();
  }

  #read(length: number): void {
    let start = 0;
    if (this.#head !== undefined) {
      this.#head += READ_BUFFER.toString('latin1', 0, length);
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const status = this.#head.slice(9, 12);
      if (status !== '101' && status !== '200') throw new Error(this.#head);
      start = length - (this.#head.length - end - 4);
      this.#isChunked = /\r\ntransfer-encoding: chunked\r\n/i.test(this.#head.slice(0, end + 2));
      this.#head = undefined;
      if (this.#options.kind !== 'socketio') this.#onOpen();
      if (start === length) return;
    }
    if (this.#isChunked) this.#readChunks(READ_BUFFER.subarray(start, length));
    else this.bytes += length - start;
    const { looksAt, kind } = this.#options;
    if (kind === 'socketio') this.#readFrames(READ_BUFFER.subarray(start, length));
    const from = looksAt === 'nothing' ? Math.max(start, length - TAIL_BYTES) : start;
    const text = this.#seam + READ_BUFFER.toString('latin1', from, length);
    if (kind === 'websocket' && text.includes(PING)) this.#socket.write(PONG);
    let seen = 0;
    if (looksAt === 'lines') seen = this.#count(text);
    else if (looksAt === 'times') seen = this.#time(text);
    const { marker } = this.#options;
    if (!this.#wasReached && (typeof marker === 'number' ? this.lines >= marker : text.includes(marker))) {
      this.#wasReached = true;
      this.#options.onMarker();
    }
    // What was counted is not kept, so that it is counted once.
    this.#seam = text.slice(Math.max(seen, text.length - SEAM_BYTES));
  }

  /** Returns where the last line counted was seen to begin. */
  #count(text: string): number {
    let seen = 0;
    for (let at = text.indexOf(LINE_KEY); at >= 0; at = text.indexOf(LINE_KEY, seen)) {
      this.lines++;
      seen = at + LINE_KEY.length;
    }
    return seen;
  }

  #time(text: string): number {
    let seen = 0;
    for (const match of text.matchAll(TIME)) {
      this.#options.onTime?.(Number(match[1]));
      seen = match.index + match[0].length;
    }
    return seen;
  }

  /** Counts what is in chunks of HTTP: in how many a reader gets the same lines depends on how fast it takes them. */
  #readChunks(data: Buffer): void {
    let at = Math.min(this.#skip, data.length);
    this.#skip -= at;
    while (at < data.length) {
      const end = data.indexOf('\n', at);
      this.#chunkHead += data.toString('latin1', at, end < 0 ? data.length : end);
      if (end < 0) return;
      const size = Number.parseInt(this.#chunkHead, 16);
      this.#chunkHead = '';
      at = end + 1;
      if (!PROGRESS.test(data.toString('latin1', at, at + Math.min(size, PREFIX_BYTES * 2)))) this.bytes += size;
      const rest = size + CHUNK_END_BYTES;
      this.#skip = Math.max(0, rest - (data.length - at));
      at += rest;
    }
  }

  /** Looks at the beginning of each frame, to answer what Socket.IO's protocol wants answered. */
  #readFrames(data: Buffer): void {
    const bytes = this.#pending ? Buffer.concat([this.#pending, data]) : data;
    this.#pending = undefined;
    let at = Math.min(this.#skip, bytes.length);
    this.#skip -= at;
    while (at < bytes.length) {
      const short = (bytes[at + 1] ?? 0) & 127;
      const header = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (at + header > bytes.length) break;
      const length =
        short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
      const prefix = Math.min(length, PREFIX_BYTES);
      if (at + header + prefix > bytes.length) break;
      this.#answer(bytes.toString('latin1', at + header, at + header + prefix));
      at += header + length;
    }
    if (at > bytes.length) this.#skip = at - bytes.length;
    else if (at < bytes.length) this.#pending = Buffer.from(bytes.subarray(at));
  }

  #answer(packet: string): void {
    const { subscribe } = this.#options;
    if (packet.startsWith('42/logs,')) {
      const id = /^42\/logs,(\d+)\[/.exec(packet)?.[1];
      if (id !== undefined) this.#socket.write(textFrame(`43/logs,${id}[]`));
    } else if (packet.startsWith('0{')) this.#socket.write(textFrame('40/logs,'));
    else if (packet.startsWith('40/logs,')) {
      this.#socket.write(textFrame(`42/logs,0["subscribe",${JSON.stringify({ sub: 1, ...subscribe })}]`));
    } else if (packet.startsWith('43/logs,0')) {
      if (!packet.includes('"ok":true')) throw new Error(`the subscription was refused: ${packet}`);
      this.#onOpen();
    } else if (packet === '2') this.#socket.write(textFrame('3'));
  }
}

function request({ kind, port, path }: StreamReaderOptions): string {
  const head = `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n`;
  if (kind === 'sse') return `${head}Accept: text/event-stream\r\n\r\n`;
  return (
    `${head}Upgrade: websocket\r\nConnection: Upgrade\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
  );
}

/** A masked text frame of at most 65,535 bytes, as clients send it. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = Buffer.alloc(4);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
  return Buffer.concat([Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255]), mask, payload]);
}
