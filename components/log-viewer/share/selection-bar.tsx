'use client';

import { Copy, Download, Link2, ScanEye, X } from 'lucide-react';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { fullTime, type Zone } from '@/components/format/instant';
import { formatCount, formatCounted } from '@/components/format/quantity';
import { type Action, useActions } from '@/components/shell/actions';
import { chordOf, type ShortcutId } from '@/components/shell/shortcuts';
import { useShortcuts } from '@/components/shell/use-shortcuts';
import { Button, buttonClass } from '@/components/ui/button';
import { keyText } from '@/components/ui/key-caps';
import { Menu, MenuItem } from '@/components/ui/menu';
import { useIsMac } from '@/components/ui/platform';
import { apiUrl } from '@/lib/client/base-url';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { CopyStyle } from './copied-text';
import { formatLineParameter } from './line-link';
import { useLineSharing } from './use-line-sharing';

const STYLES: ReadonlyArray<{ style: CopyStyle; label: string; title: string }> = [
  { style: 'text', label: 'Text', title: 'Copy the selected lines' },
  { style: 'times', label: 'Text with times (UTC)', title: 'Copy the selected lines with times' },
  { style: 'markdown', label: 'Markdown', title: 'Copy the selected lines as Markdown' },
];
const GROUP = 'Selected lines';

export interface SelectionBarProps {
  jobRunId: string;
  /** Named in Markdown. */
  jobName: string;
  baseUrl?: string | undefined;
  selection: LineRange;
  /** The time of the first of them (RFC 3339), where it is held. */
  at?: string | undefined;
  zone: Zone;
  /** Consecutive lines of the run that are at hand; others are read when they are copied. */
  held: readonly LogMessage[];
  /** Takes the selection back, and the hash. */
  onClear: () => void;
  /** Where the view is filtered: shows the lines among their neighbours. */
  onShowInContext?: (() => void) | undefined;
}

/** Below the lines while some are selected: what can be done with them. Escape takes the selection back. */
export function SelectionBar({
  jobRunId,
  jobName,
  baseUrl,
  selection,
  at,
  zone,
  held,
  onClear,
  onShowInContext,
}: SelectionBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const isMac = useIsMac();
  const { copyLink, copyLines, notice } = useLineSharing({ jobRunId, jobName, baseUrl, range: selection, held });
  useKeepInSight(bar, selection.last);
  useShortcuts({ 'copy-link': copyLink, 'copy-lines': () => copyLines('text'), close: onClear });
  useActions([
    {
      id: 'lines.copy-link',
      title: 'Copy a link to the selected lines',
      group: GROUP,
      keys: 'copy-link',
      icon: <Link2 />,
      run: copyLink,
    },
    ...STYLES.map(
      ({ style, title }): Action => ({
        id: `lines.copy-${style}`,
        title,
        group: GROUP,
        icon: <Copy />,
        ...(style === 'text' && { keys: 'copy-lines' }),
        run: () => copyLines(style),
      }),
    ),
    { id: 'lines.clear', title: 'Clear the selection', group: GROUP, keys: 'close', icon: <X />, run: onClear },
  ]);

  const { first, last } = selection;
  const tip = (text: string, shortcut: ShortcutId) => `${text} (${keyText(chordOf(shortcut), isMac)})`;
  const download = apiUrl(baseUrl ?? '', `/logs/job-runs/${encodeURIComponent(jobRunId)}/download`, {
    lines: formatLineParameter(selection),
  });
  return (
    <div ref={bar} className="h-10 flex-none">
      {/* Where the page scrolls, the bar stays at the lower edge of the screen; its place in the log stays free. */}
      <div
        role="toolbar"
        aria-label="Selected lines"
        className="flex h-10 items-center gap-1 border-t bg-subtle px-2 text-13 max-lg:fixed max-lg:inset-x-0 max-lg:bottom-0 max-lg:z-20"
      >
        <p className="min-w-0 truncate px-1 tabular-nums">
          {first === last ? `Line ${formatCount(first)}` : `Lines ${formatCount(first)}–${formatCount(last)}`}
          {first !== last && (
            <span className="ml-2 hidden text-fg-faint sm:inline">{formatCounted(last - first + 1, 'line')}</span>
          )}
          {at !== undefined && (
            <time dateTime={at} className="ml-2 text-fg-faint">
              {fullTime(at, zone)}
            </time>
          )}
        </p>
        <p
          role="status"
          className={`min-w-0 flex-1 truncate px-1 text-xs ${notice?.isFailure ? 'text-danger' : 'text-success'}`}
        >
          {notice?.text}
        </p>
        <Button look="quiet" onClick={copyLink} title={tip('Copy link', 'copy-link')} aria-label="Copy link">
          <Link2 aria-hidden />
          <span className="hidden sm:inline">Copy link</span>
        </Button>
        <Menu
          trigger={
            <Button look="quiet" title={tip('Copy lines', 'copy-lines')} aria-label="Copy lines">
              <Copy aria-hidden />
              <span className="hidden sm:inline">Copy lines</span>
            </Button>
          }
        >
          {STYLES.map(({ style, label }) => (
            <MenuItem key={style} onSelect={() => copyLines(style)}>
              {label}
            </MenuItem>
          ))}
        </Menu>
        {onShowInContext && (
          <Button look="quiet" onClick={onShowInContext} title="Show in context" aria-label="Show in context">
            <ScanEye aria-hidden />
            <span className="hidden sm:inline">Show in context</span>
          </Button>
        )}
        <a
          href={download}
          download
          title="Download lines"
          aria-label="Download lines"
          className={buttonClass({ look: 'quiet' })}
        >
          <Download aria-hidden />
          <span className="hidden lg:inline">Download lines</span>
        </a>
        <Button
          look="quiet"
          square
          onClick={onClear}
          title={tip('Clear the selection', 'close')}
          aria-label="Clear the selection"
        >
          <X aria-hidden />
        </Button>
      </div>
    </div>
  );
}

/** The bar takes room from the list as it appears: a selected line that was at the lower edge stays in sight. */
function useKeepInSight(bar: RefObject<HTMLElement | null>, line: number): void {
  const firstLine = useRef(line);
  useLayoutEffect(() => {
    const list = bar.current?.parentElement?.querySelector<HTMLElement>('.log-scroller');
    const row = list?.querySelector<HTMLElement>(`[data-line="${firstLine.current}"]`);
    if (!list || !row || !bar.current) return;
    const hidden = row.getBoundingClientRect().bottom - bar.current.getBoundingClientRect().top;
    if (hidden > 0 && hidden <= bar.current.offsetHeight + row.offsetHeight) list.scrollTop += hidden;
  }, [bar]);
}
