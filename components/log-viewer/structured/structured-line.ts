import type { LogMessage } from '@/lib/protocol/log-message';
import { jsonObjectIn } from '@/lib/protocol/text-json';
import { stripAnsi } from '@/lib/terminal/strip-ansi';
import type { Field, FieldList, FieldType } from './field';
import { readJsonFields } from './json-fields';
import { hasLogfmtFields, readLogfmtFields } from './logfmt-fields';

/** Longer messages are shown as text alone. A server sends none. */
const CHARS_MAX = 128 * 1024;

/** What a line says in fields. */
export interface StructuredLine {
  /** Fields of the message itself; absent where it is prose. */
  message?: FieldList & { kind: 'json' | 'logfmt' };
  /** What the producer said about the line besides its text. */
  attributes: readonly Field[];
  /** The message without its fields: what stands before the JSON object or between the pairs. */
  rest: string;
}

const known = new WeakMap<LogMessage, boolean>();

/** Whether `readStructuredLine` finds fields. Each line is looked at once; the fields themselves are not kept. */
export function hasFields(line: LogMessage): boolean {
  let has = known.get(line);
  if (has === undefined) {
    has = hasAttributes(line) || hasMessageFields(line.message);
    known.set(line, has);
  }
  return has;
}

/**
 * The fields of a line: of a JSON object that its message is or ends with, of at least two logfmt pairs, and its attributes; undefined
 * where there are none. Never throws; time is linear in the message.
 */
export function readStructuredLine(line: LogMessage): StructuredLine | undefined {
  const attributes = Object.entries(line.attributes ?? {}).map(([name, value]) => toField(name, value));
  const message = readMessage(line.message);
  if (message) return { ...message, attributes };
  return attributes.length > 0 ? { attributes, rest: stripAnsi(line.message) } : undefined;
}

function hasAttributes({ attributes }: LogMessage): boolean {
  for (const _ in attributes) return true;
  return false;
}

function hasMessageFields(message: string): boolean {
  if (!mayHaveFields(message)) return false;
  const text = stripAnsi(message);
  const json = jsonObjectIn(text);
  return json ? Object.keys(json.value).length > 0 : hasLogfmtFields(text);
}

function readMessage(message: string): Omit<StructuredLine, 'attributes'> | undefined {
  if (!mayHaveFields(message)) return undefined;
  const text = stripAnsi(message);
  const json = jsonObjectIn(text);
  if (json) {
    const list = readJsonFields(text, json.start);
    if (list.fields.length === 0) return undefined;
    return { message: { kind: 'json', ...list }, rest: text.slice(0, json.start).trim() };
  }
  const { fields, isCut, rest } = readLogfmtFields(text);
  return fields.length > 0 ? { message: { kind: 'logfmt', fields, isCut }, rest } : undefined;
}

function mayHaveFields(message: string): boolean {
  return message.length <= CHARS_MAX && (message.includes('=') || message.includes('{'));
}

function toField(name: string, value: string | number | boolean | null): Field {
  return { name, path: name, type: value === null ? 'null' : (typeof value as FieldType), text: String(value) };
}
