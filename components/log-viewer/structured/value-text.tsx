import { useMemo } from 'react';
import { TextPieces } from '@/components/log-viewer/log-text';
import type { Mark } from '@/components/log-viewer/marked-spans';
import { PLAIN_STYLE } from '@/lib/terminal/style';
import type { Field } from './field';
import { visibleText } from './visible-text';

/** Longer values are cut where they are shown; copying gives all. */
const CHARS_MAX = 2000;

/** A field's value as text; matches of a search are marked where the line has the value as it is shown. */
export function ValueText({
  field,
  marks,
  text = field.text,
}: {
  field: Field;
  marks?: readonly Mark[] | undefined;
  /** Instead of the whole value. */
  text?: string;
}) {
  const { start } = field;
  const spans = useMemo(() => {
    // An unpaired half would be shown as another character.
    const shown = text.slice(0, CHARS_MAX).replace(/[\ud800-\udbff]$/, '');
    const span = { text: visibleText(shown), style: PLAIN_STYLE };
    return [start === undefined ? span : { ...span, start }];
  }, [text, start]);
  return (
    <>
      <TextPieces spans={spans} marks={marks} />
      {text.length > CHARS_MAX && <span className="log-faint">…</span>}
    </>
  );
}
