'use client';

import { type ReactNode, useMemo } from 'react';
import { formatBytes, formatCounted } from '@/components/format/quantity';
import { TextPieces } from '@/components/log-viewer/log-text';
import type { Mark } from '@/components/log-viewer/marked-spans';
import type { LogMessage } from '@/lib/protocol/log-message';
import { linkUrls } from '@/lib/terminal/links';
import { type RenderState, renderLine } from '@/lib/terminal/render-line';
import { countHiddenMarks, FOLDED_CHARS, foldSpans } from './folded-spans';
import { type Expansion, useExpanded } from './use-expanded';

/** Whether a message may be long enough to be folded; what it leaves on a terminal decides. */
export function mayFold(message: string): boolean {
  return message.length > FOLDED_CHARS;
}

const NO_MARKS: readonly Mark[] = [];

/** The text of a very long line: its beginning, and all of it when the reader asks. `frame` puts it into the row. */
export function LongText({
  line,
  start,
  marks = NO_MARKS,
  expansion,
  frame,
}: {
  line: LogMessage;
  start: RenderState;
  marks?: readonly Mark[] | undefined;
  expansion: Expansion;
  frame: (text: ReactNode) => ReactNode;
}) {
  const [isWhole, toggle] = useExpanded(expansion, `${line.id}/text`);
  const spans = useMemo(() => linkUrls(renderLine(line.message, start).spans), [line, start]);
  const fold = useMemo(() => foldSpans(spans), [spans]);
  const size = useMemo(() => formatBytes(new TextEncoder().encode(line.message).length), [line]);
  const hiddenMarks = useMemo(() => (fold ? countHiddenMarks(fold, marks) : 0), [fold, marks]);

  if (!fold) return frame(<TextPieces spans={spans} marks={marks} />);
  return (
    <>
      {frame(
        <>
          <TextPieces spans={isWhole ? spans : fold.shown} marks={marks} />
          {!isWhole && <span aria-hidden className="log-chip" data-text="…" />}
        </>,
      )}
      <span className="log-fold">
        <button type="button" aria-expanded={isWhole} onClick={toggle}>
          {isWhole ? 'Show less' : `Show all ${size}`}
        </button>
        {!isWhole && hiddenMarks > 0 && (
          <span>{`${formatCounted(hiddenMarks, 'match', 'matches')} in the folded part`}</span>
        )}
      </span>
    </>
  );
}
