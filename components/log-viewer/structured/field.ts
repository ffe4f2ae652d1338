export type FieldType = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'list';

/** A named value that a line holds. */
export interface Field {
  /** A list's elements are named by their place, from 0. */
  name: string;
  /** The names from the outermost one on, joined with dots: how the filter names it. */
  path: string;
  type: FieldType;
  /** A scalar's value, a number as it was written; an object or list as JSON, as it was written. */
  text: string;
  /** Of objects and lists, in the order of the line; absent where they are nested too deep to be read. */
  members?: readonly Field[];
  /** Where `text` stands in the message without ANSI; absent where it does not, being written with escapes. */
  start?: number;
  /** Name and value as the message has them; absent for attributes, which are no part of it. */
  written?: string;
  /** What `q` calls it; absent where its grammar has no name that leads to this value. */
  termName?: string;
  /** The value as `q` compares it, where that is not `text`: a number as JavaScript writes it. */
  termText?: string;
}

/** Fields in the order in which the line has them. */
export interface FieldList {
  fields: readonly Field[];
  /** There are more than are read. */
  isCut: boolean;
}
