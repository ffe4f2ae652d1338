import { inspect } from 'node:util';
import { ATTRIBUTES_BYTES_MAX } from '@/lib/protocol/limits';
import type { Attributes } from '@/lib/protocol/log-message';

/** Left for `dropped_attributes` and the bookkeeping attributes that are added later. */
const RESERVED_BYTES = 256;

/**
 * Any object as the flat attributes of a line: values that are no scalars become JSON text, and what does not fit into the
 * bound is left out and counted in `dropped_attributes`.
 */
export function boundAttributes(attributes: Record<string, unknown>): Attributes {
  const bounded: Attributes = {};
  let bytes = 2;
  let dropped = 0;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const scalar = toScalar(value);
    const size = Buffer.byteLength(`${JSON.stringify(name)}:${JSON.stringify(scalar)},`);
    if (bytes + size > ATTRIBUTES_BYTES_MAX - RESERVED_BYTES) {
      dropped += 1;
      continue;
    }
    bounded[name] = scalar;
    bytes += size;
  }
  if (dropped > 0) bounded.dropped_attributes = dropped;
  return bounded;
}

function toScalar(value: unknown): Attributes[string] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Error) return value.stack ?? value.message;
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
  return jsonText(value);
}

/** A value as JSON, or where JSON has no form for it (a cycle, a function) as Node would print it. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? inspect(value);
  } catch {
    return inspect(value);
  }
}
