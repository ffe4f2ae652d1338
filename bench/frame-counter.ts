import { connect, type Socket } from 'node:net';

/** A WebSocket reader that only counts text frames, so that the load costs both servers the same and little. */
export class FrameCounter {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #skip = 0;
  #isOpen = false;
  #frames = 0;
  #target = Number.POSITIVE_INFINITY;
  #reached: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static open(port: number, path: string): Promise<FrameCounter> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      const counter = new FrameCounter(socket);
      socket.once('error', reject);
      socket.on('data', (data) => counter.#read(data, () => resolve(counter)));
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
      );
    });
  }

  /** Resolves when so many text frames have come since the connection began. */
  reach(frames: number): Promise<void> {
    return new Promise((resolve) => {
      this.#target = frames;
      this.#reached = resolve;
      if (this.#frames >= frames) resolve();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(data: Buffer, onOpen: () => void): void {
    let bytes = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    if (!this.#isOpen) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#pending = bytes;
        return;
      }
      this.#isOpen = true;
      bytes = bytes.subarray(end + 4);
      onOpen();
    }
    this.#count(bytes);
  }

  #count(bytes: Buffer): void {
    let at = Math.min(this.#skip, bytes.length);
    this.#skip -= at;
    while (at + 2 <= bytes.length) {
      let length = (bytes[at + 1] ?? 0) & 127;
      let header = 2;
      if (length === 126) {
        header = 4;
        if (at + header > bytes.length) break;
        length = bytes.readUInt16BE(at + 2);
      } else if (length === 127) {
        header = 10;
        if (at + header > bytes.length) break;
        length = Number(bytes.readBigUInt64BE(at + 2));
      }
      if (((bytes[at] ?? 0) & 15) === 1) this.#frames++;
      at += header + length;
    }
    if (at > bytes.length) {
      this.#skip = at - bytes.length;
      at = bytes.length;
    }
    this.#pending = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
    if (this.#frames >= this.#target) this.#reached();
  }
}
