import type { CandidatePattern } from './text-candidates';

/** A compiled `q`: terms that must all match the ANSI-stripped message. */
export interface TextQuery {
  /** The text as the user wrote it. */
  readonly source: string;
  /** False where `a` and `A` are the same. */
  readonly caseSensitive: boolean;
  /** Where to look for messages that match, in text of many lines; undefined where each has to be looked at. */
  readonly candidates: CandidatePattern | undefined;
  /** True where the message, with its ANSI sequences, matches all terms. */
  matches(message: string): boolean;
  /** True where a term that excludes is in the message. */
  excludes(message: string): boolean;
  /**
   * Sorted, disjoint [start, end) of the positive terms' matches, in UTF-16 units of the ANSI-stripped message. Of a
   * regular expression all of them in lines of usual length; in one of many thousand characters perhaps only the first.
   */
  ranges(message: string): Array<[number, number]>;
}
