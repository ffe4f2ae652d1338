import { memo, useMemo } from 'react';
import { linkUrls } from '@/lib/terminal/links';
import { type RenderState, renderLine } from '@/lib/terminal/render-line';
import type { Span } from '@/lib/terminal/span-list';
import { targetOf } from './link-target';
import { markSpans, type Piece } from './marked-spans';
import { lookOf } from './text-style';

const NO_MARKS: ReadonlyArray<readonly [number, number]> = [];

/** A message as text nodes with its terminal styles; `marks` are [start, end) in the ANSI-stripped message. */
export const LogText = memo(function LogText({
  message,
  start,
  marks = NO_MARKS,
}: {
  message: string;
  start: RenderState;
  marks?: ReadonlyArray<readonly [number, number]> | undefined;
}) {
  const spans = useMemo(() => linkUrls(renderLine(message, start).spans), [message, start]);
  return <TextPieces spans={spans} marks={marks} />;
});

/** Spans as text nodes; `marks` are [start, end) in the text that the spans' places count in. */
export function TextPieces({
  spans,
  marks = NO_MARKS,
}: {
  spans: readonly Span[];
  marks?: ReadonlyArray<readonly [number, number]> | undefined;
}) {
  const pieces = useMemo(() => markSpans(spans, marks), [spans, marks]);
  return pieces.map((piece) => <TextPiece key={piece.key} piece={piece} />);
}

function TextPiece({ piece: { text, span, isMatch } }: { piece: Piece }) {
  const { className, style } = lookOf(span.style);
  const content = isMatch ? <mark className="rounded-xs bg-[var(--match)] text-[var(--match-fg)]">{text}</mark> : text;
  if (span.href !== undefined) {
    return (
      <a
        href={span.href}
        title={targetOf(span.href)}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className={`${className ?? ''} underline decoration-edge-strong underline-offset-2 hover:decoration-current`}
        style={style}
      >
        {content}
      </a>
    );
  }
  if (className === undefined && style === undefined) return content;
  return (
    <span className={className} style={style}>
      {content}
    </span>
  );
}
