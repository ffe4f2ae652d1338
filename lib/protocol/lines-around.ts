/** What comes with the lines that pass a filter: those next to each, whatever they are, or the rest of the stack trace that it is in. */
export type LinesAround =
  | {
      kind: 'context';
      /** On each side of a match. */
      lines: number;
    }
  | { kind: 'traces' };
