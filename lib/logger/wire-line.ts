import { isUtf8 } from 'node:buffer';
import type { Attributes, Level, Stream } from '@/lib/protocol/log-message';
import { formatTimestamp } from '@/lib/protocol/timestamp';

/** One line on its way to the server. */
export interface WireLine {
  /** Microseconds since the epoch. */
  timeUs: number;
  stream: Stream;
  /** The message; bytes are UTF-8 as a program wrote them. */
  text: Buffer | string;
  level?: Level | undefined;
  continues?: boolean | undefined;
  attributes?: Attributes | undefined;
  task?: { id: string; name: string } | undefined;
}

const QUOTE = Buffer.from('"');

/**
 * Lines in the ingest form of WIRE.md, NDJSON. Bytes that are not UTF-8 go out as they are: the server replaces them and
 * counts them on the run, which it could not do with what we had replaced.
 */
export function encodeLines(lines: readonly WireLine[]): Buffer {
  const parts: Buffer[] = [];
  let json = '';
  let previous: WireLine | undefined;
  let opening = '';
  for (const line of lines) {
    const { text } = line;
    // The lines of one read differ in nothing but their text.
    if (!previous || !opensAlike(line, previous)) opening = openLine(line);
    previous = line;
    if (typeof text === 'string' || isUtf8(text)) {
      json += `${opening}${JSON.stringify(text.toString())}${closeLine(line)}\n`;
      continue;
    }
    parts.push(Buffer.from(json + opening), quoteBytes(text));
    json = `${closeLine(line)}\n`;
  }
  parts.push(Buffer.from(json));
  return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
}

/** The unfinished line of a stream: relayed to live readers, never stored, so it has no position. */
export function encodePartial(line: WireLine): Buffer {
  return Buffer.from(`${openLine(line)}${JSON.stringify(line.text.toString())},"partial":true}\n`);
}

function opensAlike(a: WireLine, b: WireLine): boolean {
  return a.timeUs === b.timeUs && a.stream === b.stream && a.level === b.level && a.task === b.task;
}

function openLine(line: WireLine): string {
  let json = `{"timestamp":"${formatTimestamp(line.timeUs)}","stream":"${line.stream}"`;
  if (line.level) json += `,"level":"${line.level}"`;
  if (line.task) json += `,"task_run_id":${JSON.stringify(line.task.id)},"task_name":${JSON.stringify(line.task.name)}`;
  return `${json},"message":`;
}

function closeLine(line: WireLine): string {
  const continues = line.continues ? ',"continues":true' : '';
  return line.attributes ? `${continues},"attributes":${JSON.stringify(line.attributes)}}` : `${continues}}`;
}

/** A JSON string of bytes: what JSON demands is escaped, all else stays. Latin-1 maps bytes to characters one to one. */
function quoteBytes(bytes: Buffer): Buffer {
  const escaped = bytes
    .toString('latin1')
    .replace(/["\\\u0000-\u001f]/g, (character) => JSON.stringify(character).slice(1, -1));
  return Buffer.concat([QUOTE, Buffer.from(escaped, 'latin1'), QUOTE]);
}
