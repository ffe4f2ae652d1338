import type { Field, FieldList, FieldType } from './field';

/** Objects and lists inside each other that are read; deeper ones stay text. */
const DEPTH_MAX = 16;
/** A longer path is cut: each of a thousand members would carry it along. */
const PATH_CHARS_MAX = 300;
/** Fields of one line, nested ones included. */
export const FIELDS_MAX = 1000;

/**
 * The members of the JSON object that begins at `start`, which must be valid JSON. JSON.parse alone would round large numbers, sort
 * names that look like indexes and forget all but the last member of one name.
 */
export function readJsonFields(text: string, start: number): FieldList {
  const reader = new JsonFieldReader(text, start);
  const fields = reader.readMembers(undefined, false, 0);
  return { fields, isCut: reader.isCut };
}

class JsonFieldReader {
  isCut = false;
  readonly #text: string;
  #at: number;
  #count = 0;

  constructor(text: string, start: number) {
    this.#text = text;
    this.#at = start;
  }

  /** Reads the object or list that begins here. `path` is undefined for the outermost one. */
  readMembers(path: string | undefined, isInList: boolean, depth: number): Field[] {
    const isList = this.#text[this.#at] === '[';
    const fields: Field[] = [];
    this.#at++;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#skipSpace();
      }
      const char = this.#text[this.#at];
      if (char === undefined || char === ']' || char === '}') break;
      if (this.#count >= FIELDS_MAX) {
        this.isCut = true;
        this.#skipToEnd(1);
        this.#at--;
        break;
      }
      this.#count++;
      fields.push(this.#readMember(path, isList, isInList, fields.length, depth));
    }
    this.#at++;
    if (!isList) forgetShadowed(fields);
    return fields;
  }

  #readMember(parent: string | undefined, isElement: boolean, isInList: boolean, place: number, depth: number): Field {
    const from = this.#at;
    let name = String(place);
    if (!isElement) {
      name = this.#readString().text;
      this.#skipSpace();
      this.#at++;
      this.#skipSpace();
    }
    const whole = parent === undefined ? name : `${parent}.${name}`;
    const isLong = whole.length > PATH_CHARS_MAX;
    const path = isLong ? `${whole.slice(0, PATH_CHARS_MAX)}…` : whole;
    const field = this.#readValue(name, path, isElement, depth);
    // `tags:blue` finds any element of the list; of a list in a list only the place leads there.
    if (!isRounded(field) && !isLong) {
      field.termName = isElement && !isInList && parent !== undefined && field.members === undefined ? parent : path;
    }
    field.written = this.#text.slice(from, this.#at);
    return field;
  }

  #readValue(name: string, path: string, isElement: boolean, depth: number): Field {
    const from = this.#at;
    const char = this.#text[from];
    if (char === '"') return { name, path, type: 'string', ...this.#readString() };
    if (char === '{' || char === '[') {
      const type = char === '{' ? 'object' : 'list';
      if (depth + 1 >= DEPTH_MAX) {
        this.#at++;
        this.#skipToEnd(1);
        return { name, path, type, text: this.#text.slice(from, this.#at), start: from };
      }
      const members = this.readMembers(path, isElement, depth + 1);
      return { name, path, type, text: this.#text.slice(from, this.#at), members };
    }
    while (/[^\s,\]}]/.test(this.#text[this.#at] ?? ',')) this.#at++;
    const text = this.#text.slice(from, this.#at);
    const field: Field = { name, path, type: typeOfLiteral(text), text, start: from };
    const asCompared = field.type === 'number' ? String(Number(text)) : text;
    if (asCompared !== text) field.termText = asCompared;
    return field;
  }

  #readString(): { text: string; start?: number } {
    const from = this.#at + 1;
    this.#skipString();
    const raw = this.#text.slice(from, this.#at - 1);
    if (!raw.includes('\\')) return { text: raw, start: from };
    const text: unknown = JSON.parse(`"${raw}"`);
    return { text: String(text) };
  }

  #skipString(): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '\\') this.#at++;
      else if (char === '"') break;
    }
    this.#at++;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? ',')) this.#at++;
  }

  /** Goes behind the bracket that closes the innermost `open` objects and lists. */
  #skipToEnd(open: number): void {
    let left = open;
    while (left > 0 && this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === '"') {
        this.#skipString();
        continue;
      }
      if (char === '{' || char === '[') left++;
      else if (char === '}' || char === ']') left--;
      this.#at++;
    }
  }
}

function typeOfLiteral(text: string): FieldType {
  if (text === 'true' || text === 'false') return 'boolean';
  return text === 'null' ? 'null' : 'number';
}

/** An integer whose digits JavaScript does not hold: as a term it would name another number. */
function isRounded({ type, text }: Field): boolean {
  return type === 'number' && /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text));
}

/** Of members of one name JSON.parse, and so the filter, knows the last alone. */
function forgetShadowed(fields: readonly Field[]): void {
  const names = new Set<string>();
  for (const field of fields.toReversed()) {
    if (names.has(field.name)) forgetTerms(field);
    names.add(field.name);
  }
}

function forgetTerms(field: Field): void {
  delete field.termName;
  for (const member of field.members ?? []) forgetTerms(member);
}
