import { ATTRIBUTES_BYTES_MAX } from '@/lib/protocol/limits';
import { cleanText } from './decode-text';

/** Objects and lists inside each other. */
export const ATTRIBUTE_DEPTH_MAX = 32;

/** Attributes that cannot be taken; the message is a sentence's end ("must be …"). */
export class AttributesError extends Error {}

/**
 * Gathers the attributes of one line as a flat JSON object. Names of nested ones are joined with dots, elements of lists
 * are named by their index; an empty object or list is the text `{}` or `[]`. Of one name twice the first counts.
 * Names are never used as properties, so `__proto__` is a name like others.
 */
export class AttributeCollector {
  /** Characters replaced or removed so far. */
  replaced = 0;
  readonly #names = new Set<string>();
  #json = '';

  /** Adds a value under a name. Throws AttributesError past the bounds, without reading much more than they allow. */
  add(name: string, value: unknown, depth = 0): void {
    if (typeof value !== 'object' || value === null) {
      this.#addScalar(name, typeof value === 'string' ? this.#clean(value) : value);
      return;
    }
    if (depth === ATTRIBUTE_DEPTH_MAX) throw new AttributesError(`must be nested at most ${ATTRIBUTE_DEPTH_MAX} deep`);
    let isEmpty = true;
    for (const [key, member] of membersOf(value)) {
      isEmpty = false;
      this.add(`${name}.${key}`, member, depth + 1);
    }
    if (isEmpty) this.#addScalar(name, Array.isArray(value) ? '[]' : '{}');
  }

  /** The object as JSON, or undefined without attributes. */
  toJson(): string | undefined {
    if (this.#names.size === 0) return undefined;
    const json = `{${this.#json}}`;
    if (Buffer.byteLength(json) > ATTRIBUTES_BYTES_MAX) throw tooLarge();
    return json;
  }

  #addScalar(rawName: string, value: unknown): void {
    const name = this.#clean(rawName);
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const comma = this.#json === '' ? '' : ',';
    this.#json += `${comma}${JSON.stringify(name)}:${JSON.stringify(value)}`;
    if (this.#json.length + 2 > ATTRIBUTES_BYTES_MAX) throw tooLarge();
  }

  #clean(raw: string): string {
    const { text, replaced } = cleanText(raw);
    this.replaced += replaced;
    return text;
  }
}

/** The members one by one: Object.entries of a list of millions takes seconds and a gigabyte, to be refused at the first few. */
function* membersOf(value: object): Generator<[string, unknown]> {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) yield [String(index), value[index]];
  } else {
    yield* Object.entries(value);
  }
}

function tooLarge(): AttributesError {
  return new AttributesError(
    `must be at most ${ATTRIBUTES_BYTES_MAX} bytes as JSON, with all fields that are not fields of a line`,
  );
}
