'use client';

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { formatCount, formatCounted } from '@/components/format/quantity';
import { shortcutOf } from '@/components/shell/shortcuts';
import { copyText } from '@/components/ui/copy-text';
import { isTyping } from '@/components/ui/is-typing';
import { usePassingNotice } from '@/components/ui/use-passing-notice';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogMessage } from '@/lib/protocol/log-message';
import { copiedText } from './copied-text';
import { COPY_LINES_MAX, type ReadLines } from './read-lines';
import { isUnfinished, linesBetween, placeOf, type SelectedText } from './selected-lines';

const NO_LINES: readonly number[] = [];

export interface SelectableLog {
  /** The lines of the list, ascending; under a filter those that pass. */
  lines: readonly LogMessage[];
  /** Lines of the whole log: what Ctrl/Cmd+A stands for. */
  whole: LineRange;
  /** Every shown line of a range is among `lines`. */
  isHeld: (range: LineRange) => boolean;
  /** The shown lines of a range, from wherever they are. */
  read?: ((range: LineRange) => Promise<ReadLines>) | undefined;
}

export interface NativeSelection {
  /** What text of the list is selected: nothing should move now. */
  kind: SelectedText['kind'] | undefined;
  /** Numbers of lines whose rows hold the ends of the selection: the list keeps them in the page. */
  keepMounted: readonly number[];
  /** What was just copied, where that needs words. */
  notice: string | undefined;
}

/**
 * Makes the browser's own selection work over a virtual list inside `container`: its ends stay in the page when they are
 * scrolled away, and what is copied are whole lines, as clean text, those between the ends that are not in the page
 * included. Ctrl/Cmd+A in the list selects the log alone. A selection within one line is left to the browser.
 */
export function useNativeSelection(container: RefObject<HTMLElement | null>, log: SelectableLog): NativeSelection {
  const [keepMounted, setKeepMounted] = useState(NO_LINES);
  const [kind, setKind] = useState<SelectedText['kind']>();
  const [notice, setNotice] = usePassingNotice<string>();
  const selected = useRef<SelectedText>(undefined);
  const latest = useRef(log);

  useLayoutEffect(() => {
    latest.current = log;
  });

  useEffect(() => {
    const onSelectionChange = () => {
      selected.current = readSelection(container.current, selected.current);
      const now = selected.current;
      setKind(now?.kind);
      const kept = now?.kind === 'between' ? [...new Set([now.anchor.line, now.focus.line])] : NO_LINES;
      setKeepMounted((before) => (isSameList(before, kept) ? before : kept));
    };

    const onCopy = (event: ClipboardEvent) => {
      const now = selected.current;
      if (!now || now.kind === 'unfinished' || isTyping(event.target)) return;
      const { lines, whole, isHeld, read } = latest.current;
      const range = now.kind === 'all' ? whole : linesBetween(now.anchor, now.focus);
      if (now.kind === 'between' && range.first === range.last) return;
      event.preventDefault();
      const count = range.last - range.first + 1;
      if (read && !isHeld(range) && (now.kind === 'between' || count <= COPY_LINES_MAX)) {
        const reading = read(range);
        const copying = copyText(reading.then((found) => copiedText(found.lines)));
        Promise.all([reading, copying]).then(
          ([found, isDone]) =>
            setNotice(isDone ? noticeOf(found.lines.length, found.isCut ? count : undefined) : FAILED),
          (error: unknown) => setNotice(error instanceof Error ? error.message : FAILED),
        );
        return;
      }
      const held = lines.filter(({ id }) => id >= range.first && id <= range.last).slice(0, COPY_LINES_MAX);
      event.clipboardData?.setData('text/plain', copiedText(held));
      setNotice(noticeOf(held.length, isHeld(range) ? undefined : count));
    };

    const onKeyDown = (event: KeyboardEvent) => {
      const list = listOf(container.current);
      const canvas = list?.querySelector('.log-canvas');
      if (!canvas || event.defaultPrevented || isTyping(event.target) || shortcutOf(event) !== 'select-all') return;
      if (!(event.target instanceof Node) || !list?.contains(event.target)) return;
      event.preventDefault();
      selected.current = { kind: 'all' };
      // The box around the rows: those that are made later are inside it too.
      document.getSelection()?.selectAllChildren(canvas);
    };

    document.addEventListener('selectionchange', onSelectionChange);
    document.addEventListener('copy', onCopy);
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('selectionchange', onSelectionChange);
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('keydown', onKeyDown);
    };
  }, [container]);

  return { kind, keepMounted, notice };
}

const FAILED = 'The browser did not let it be copied';

/** `of`: how many there are, where not all were copied. */
function noticeOf(copied: number, of: number | undefined): string {
  if (of === undefined) return `${formatCounted(copied, 'line')} copied`;
  return `${formatCount(copied)} of ${formatCount(of)} lines copied; the download has all`;
}

function listOf(container: HTMLElement | null): HTMLElement | null {
  return container?.querySelector<HTMLElement>('.log-scroller') ?? null;
}

/** What the page's selection is in the list. An end whose row is gone, or that left the list, stays where it was. */
function readSelection(container: HTMLElement | null, before: SelectedText | undefined): SelectedText | undefined {
  const list = listOf(container);
  const selection = document.getSelection();
  if (!list || !selection || selection.isCollapsed) return undefined;
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const isAnchored = list.contains(anchorNode);
  if (!isAnchored) return undefined;
  if (before?.kind === 'all' && isCanvas(anchorNode) && isCanvas(focusNode)) return before;
  if (isUnfinished(anchorNode)) return { kind: 'unfinished' };
  const known = before?.kind === 'between' ? before : undefined;
  const anchor = placeOf(anchorNode, anchorOffset) ?? known?.anchor;
  const focus = (list.contains(focusNode) ? placeOf(focusNode, focusOffset) : undefined) ?? known?.focus;
  return anchor && focus ? { kind: 'between', anchor, focus } : undefined;
}

function isCanvas(node: Node | null): boolean {
  return node instanceof Element && node.matches('.log-canvas');
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
