import type { LineFilter } from '@/lib/protocol/filter';
import type { LinesAround } from '@/lib/protocol/lines-around';
import type { RunHead, RunRef } from '@/lib/store/store';
import type { LineFormat } from './format-line';

/** What is asked of a run's lines without taking them to this thread. */

export interface SearchQuery {
  run: RunRef;
  /** Lines behind this one, */
  afterLine: number;
  /** up to this one. */
  lastLine: number;
  filter: LineFilter;
  /** Matches at most. */
  limit: number;
}

/** Some matches, as they come. */
export interface SearchPiece {
  /** Matches of this piece. */
  count: number;
  /** `{"id":42,"ranges":[[0,5]]}` and a line feed for each, by rising line. Ranges are as TextQuery's, none without text. */
  ndjson: Uint8Array;
  /** The last line looked at so far. */
  lastLine: number;
}

/** Microseconds since the epoch, [from, to). */
export interface TimeSpan {
  fromUs: number;
  toUs: number;
}

export interface RenderQuery {
  run: RunHead;
  /** Both inclusive. */
  firstLine: number;
  lastLine: number;
  format: LineFormat;
  filter: LineFilter;
  /** What comes with the lines that pass the filter, */
  around?: LinesAround | undefined;
  /** but for what is outside these times. */
  within?: TimeSpan | undefined;
}

export interface VolumeQuery {
  run: RunRef;
  /** Microseconds since the epoch, [from, to); absent: where the run's first and last line are. */
  fromUs: number | undefined;
  toUs: number | undefined;
  /** Bins at most. */
  buckets: number;
  /** Sets alone. */
  filter: LineFilter;
}
