import { memo, useMemo } from 'react';
import { linkUrls } from '@/lib/terminal/links';
import { type RenderState, renderLine } from '@/lib/terminal/render-line';
import type { Span } from '@/lib/terminal/span-list';
import { targetOf } from './link-target';
import { type Mark, markSpans, type Piece } from './marked-spans';
import { lookOf } from './text-style';

const NO_MARKS: readonly Mark[] = [];

/** A message as text nodes with its terminal styles; `marks` are ascending and disjoint. */
export const LogText = memo(function LogText({
  message,
  start,
  marks = NO_MARKS,
}: {
  message: string;
  start: RenderState;
  marks?: readonly Mark[] | undefined;
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
  marks?: readonly Mark[] | undefined;
}) {
  const pieces = useMemo(() => markSpans(spans, marks), [spans, marks]);
  return pieces.map((piece) => <TextPiece key={piece.key} piece={piece} />);
}

function TextPiece({ piece }: { piece: Piece }) {
  const { span } = piece;
  const { className, style } = lookOf(span.style);
  const content = markedText(piece);
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

function markedText({ text, isMatch, color }: Piece) {
  if (color !== undefined) return <mark className={`log-highlight log-highlight-${color}`}>{text}</mark>;
  return isMatch ? <mark className="rounded-xs bg-[var(--match)] text-[var(--match-fg)]">{text}</mark> : text;
}
