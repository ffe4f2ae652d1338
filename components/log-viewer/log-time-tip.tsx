'use client';

import { type RefObject, useEffect, useState } from 'react';
import { clockBetween, fullTime } from '@/components/format/instant';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ShownLines } from './shown-lines';

interface Tip {
  line: LogMessage;
  previous: string | undefined;
  /** Pixels from the container's top left. */
  x: number;
  y: number;
  isAbove: boolean;
}

/** Pixels that the tip needs below it. */
const TIP_PX = 110;

/** All that is known of the time under the pointer: one for the list, so that rows carry nothing for it. */
export function LogTimeTip({
  container,
  shown,
  startedAt,
}: {
  /** Holds the list; its position is not static. */
  container: RefObject<HTMLElement | null>;
  shown: ShownLines;
  startedAt: string | undefined;
}) {
  const [tip, setTip] = useState<Tip>();

  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const over = ({ target }: PointerEvent) => {
      const time = target instanceof Element ? placeOfTime(target) : null;
      const id = Number(time?.closest<HTMLElement>('[data-line]')?.dataset.line);
      const line = time ? shown.find(id) : undefined;
      if (!time || !line) return setTip(undefined);
      const [box, frame] = [time.getBoundingClientRect(), element.getBoundingClientRect()];
      const isAbove = box.bottom + TIP_PX > frame.bottom;
      const y = isAbove ? frame.bottom - box.top : box.bottom - frame.top;
      setTip({ line, previous: shown.previousOf(line), x: box.left - frame.left, y, isAbove });
    };
    const out = () => setTip(undefined);
    element.addEventListener('pointerover', over);
    element.addEventListener('pointerleave', out);
    element.addEventListener('scroll', out, { capture: true, passive: true });
    return () => {
      element.removeEventListener('pointerover', over);
      element.removeEventListener('pointerleave', out);
      element.removeEventListener('scroll', out, { capture: true });
    };
  }, [container, shown]);

  if (!tip) return null;
  const { line, previous, x, y, isAbove } = tip;
  return (
    <div
      role="tooltip"
      className="pointer-events-none absolute z-30 rounded-md bg-raised px-2.5 py-1.5 text-xs tabular-nums shadow-pop"
      style={{ left: Math.max(4, x), ...(isAbove ? { bottom: y + 2 } : { top: y + 2 }) }}
    >
      <dl className="grid grid-cols-[auto_auto] gap-x-3">
        <Fact name="Local" text={fullTime(line.timestamp, 'local')} />
        <Fact name="UTC" text={fullTime(line.timestamp, 'utc')} />
        {startedAt !== undefined && <Fact name="Since start" text={clockBetween(startedAt, line.timestamp)} />}
        {previous !== undefined && <Fact name="Since previous" text={clockBetween(previous, line.timestamp)} />}
      </dl>
    </div>
  );
}

/** The time column; where it is off, the line's number stands for it. */
function placeOfTime(target: Element): Element | null {
  const number = target.closest('.log-number');
  return number?.parentElement?.querySelector('.log-time') ? null : (number ?? target.closest('.log-time'));
}

function Fact({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt className="text-fg-faint">{name}</dt>
      <dd>{text}</dd>
    </>
  );
}
