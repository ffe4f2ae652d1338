import { type LineFormat, offsetsFor } from '@/lib/feed/line-encoder';
import type { Sub } from '@/lib/protocol/socket-io';
import { cursorAfterLine, type StreamScope } from '@/lib/transport/line-cursor';

/** Lines as JSON texts, each with a comma behind it. */
export function lineTextFormat(epoch: string, scope: StreamScope): LineFormat<string> {
  return {
    encode({ batch, from, to, entry }) {
      const offsets = offsetsFor(to - from);
      let data = '';
      for (let index = from; index < to; index++) {
        const cursor =
          scope === 'run' ? undefined : cursorAfterLine(epoch, batch.runKey, batch.firstLine + index, entry);
        data += `${batch.toJson(index, cursor)},`;
        offsets[index - from + 1] = data.length;
      }
      return { data, offsets };
    },
    slice: (data, start, end) => data.slice(start, end),
  };
}

/** A `lines` event whose lines are JSON already: they are encoded once for all sockets, only `sub` differs. */
export class EncodedLinesEvent {
  readonly #json: string;

  constructor(sub: Sub, cursor: string, chunks: readonly string[]) {
    const lines = chunks.join('').slice(0, -1);
    this.#json = `{"sub":${JSON.stringify(sub)},"cursor":${JSON.stringify(cursor)},"lines":[${lines}]}`;
  }

  get json(): string {
    return this.#json;
  }
}

/** What Socket.IO's server encodes packets with; `encode` returns the texts of one packet. */
interface PacketEncoder {
  encode(packet: { type: number; nsp: string; id?: number; data?: unknown }): unknown[];
}

/** Makes the encoder write `lines` events as they are and everything else as before (Socket.IO protocol 5, packet encoding). */
export function encodeLinesAsTheyAre(encoder: PacketEncoder): void {
  const encodeOthers = encoder.encode.bind(encoder);
  encoder.encode = (packet) => {
    const event: unknown = Array.isArray(packet.data) ? packet.data[1] : undefined;
    if (!(event instanceof EncodedLinesEvent)) return encodeOthers(packet);
    return [`${packet.type}${packet.nsp},${packet.id ?? ''}["lines",${event.json}]`];
  };
}
