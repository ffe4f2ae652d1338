import type { LogMessage } from '@/lib/protocol/log-message';
import type { Field } from './field';
import { hasFields, readStructuredLine, type StructuredLine } from './structured-line';

/** Columns that can be shown at once beside the message. */
export const COLUMNS_MAX = 12;
/** The newest lines that are asked which fields there are. */
const COUNTED_LINES_MAX = 1000;
const COUNTED_CHARS_MAX = 1_000_000;
/** Fields that are offered. */
const OFFERED_MAX = 100;
/** Objects inside each other whose members are fields of their own. */
const DEPTH_MAX = 3;
/** Columns that are shown where a reader asks for columns and has chosen none. */
const FIRST_COLUMNS = 3;

const MESSAGE_NAMES = ['msg', 'message', 'event'];
/** The row shows these already. */
const SHOWN_ELSEWHERE = /^(?:@?timestamp|time|ts|@t|level|lvl|severity)$/i;

export interface FieldCount {
  name: string;
  /** Lines that have it, of those that were counted. */
  count: number;
}

/** A line as cells: its message, and each column's field where the line has it. */
export interface LineCells {
  message: Field;
  cells: ReadonlyArray<Field | undefined>;
}

/** Undefined for a line without fields, which is shown as it is. */
export function readCells(line: LogMessage, columns: readonly string[]): LineCells | undefined {
  if (!hasFields(line)) return undefined;
  const read = readStructuredLine(line);
  if (!read) return undefined;
  const fields = flatten(read);
  return { message: messageOf(read, fields), cells: columns.map((name) => fields.get(name)) };
}

/** The fields of the newest lines, most frequent first, message fields left out: they are the first column anyway. */
export function countFields(lines: readonly LogMessage[]): FieldCount[] {
  const counts = new Map<string, number>();
  let chars = 0;
  for (let at = lines.length - 1; at >= Math.max(0, lines.length - COUNTED_LINES_MAX); at--) {
    const line = lines[at];
    if (!line || !hasFields(line)) continue;
    chars += line.message.length;
    if (chars > COUNTED_CHARS_MAX) break;
    const read = readStructuredLine(line);
    if (!read) continue;
    const fields = flatten(read);
    const message = messageOf(read, fields);
    for (const [name, field] of fields) if (field !== message) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, OFFERED_MAX);
}

/** The columns of a reader who asked for columns and named none. */
export function firstColumns(counts: readonly FieldCount[]): string[] {
  const telling = counts.filter(({ name }) => !SHOWN_ELSEWHERE.test(name));
  return (telling.length > 0 ? telling : counts).slice(0, FIRST_COLUMNS).map(({ name }) => name);
}

/** The list with one member a place earlier or later. */
export function moved(columns: readonly string[], name: string, step: -1 | 1): string[] {
  const from = columns.indexOf(name);
  const to = from + step;
  if (from < 0 || to < 0 || to >= columns.length) return [...columns];
  const without = columns.filter((each) => each !== name);
  return [...without.slice(0, to), name, ...without.slice(to)];
}

/** Fields by path: members of objects by theirs, a list as one. What the message says comes before its attributes. */
function flatten({ message, attributes }: StructuredLine): Map<string, Field> {
  const fields = new Map<string, Field>();
  const add = (list: readonly Field[], depth: number, isInMessage: boolean) => {
    for (const field of list) {
      const isNested = field.type === 'object' && field.members !== undefined && field.members.length > 0;
      if (isNested && depth < DEPTH_MAX) add(field.members ?? [], depth + 1, isInMessage);
      // Of one name twice the last counts, as for the filter.
      else if (isInMessage || !fields.has(field.path)) fields.set(field.path, field);
    }
  };
  add(message?.fields ?? [], 1, true);
  add(attributes, 1, false);
  return fields;
}

function messageOf({ message, rest }: StructuredLine, fields: ReadonlyMap<string, Field>): Field {
  for (const name of MESSAGE_NAMES) {
    const field = fields.get(name);
    if (message && field?.type === 'string') return field;
  }
  return { name: 'message', path: 'message', type: 'string', text: rest };
}
