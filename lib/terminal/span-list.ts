import { isSameStyle, type Style } from './style';

/** What applies to the next character: SGR style and OSC 8 link. */
export interface Pen {
  readonly style: Style;
  readonly href?: string;
}

/** A piece of text of one style. */
export interface Span {
  text: string;
  style: Style;
  /** http, https or mailto only. */
  href?: string;
  /**
   * Where the text starts in `stripAnsi(line)`, of which it is a verbatim part; absent for columns that the program
   * skipped or erased. Search ranges meet spans by it.
   */
  start?: number;
}

/** Collects spans, joining neighbours that look alike and follow one another in the source. */
export class SpanList {
  readonly spans: Span[] = [];

  /** `start` is an offset into the stripped text, or -1 for blank columns. */
  append(text: string, pen: Pen, start: number): void {
    const last = this.spans.at(-1);
    const isJoined =
      last !== undefined &&
      last.href === pen.href &&
      (last.start === undefined ? start < 0 : last.start + last.text.length === start) &&
      isSameStyle(last.style, pen.style);
    if (isJoined) {
      last.text += text;
      return;
    }
    const span: Span = { text, style: pen.style };
    if (pen.href !== undefined) span.href = pen.href;
    if (start >= 0) span.start = start;
    this.spans.push(span);
  }
}
