'use client';

import { Pause, Play } from 'lucide-react';
import { type CSSProperties, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { formatCount, formatCounted } from '@/components/format/quantity';
import { useRunNames } from '@/components/runs/use-run-names';
import { Button } from '@/components/ui/button';
import type { LogMessage } from '@/lib/protocol/log-message';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { ConnectionState } from './connection-state';
import { LineMarks } from './line-marks';
import { type LiveLine, LiveSource } from './live-source';
import { LogList } from './log-list';
import type { RowOptions } from './log-row';
import { TIME_STYLES_OF_MANY_RUNS, timeChars } from './log-time';
import { LogTimeTip } from './log-time-tip';
import { CopyNotice } from './share/copy-notice';
import { useNativeSelection } from './share/use-native-selection';
import { ShownLines } from './shown-lines';
import { useStructured } from './structured/use-structured';
import { TerminalStates } from './terminal-states';
import { usePreference } from './use-preference';
import { useTextQuery } from './use-text-query';
import { isFiltering, LineMatcher, NO_FILTER } from './viewer-filter';
import { ViewerToolbar } from './viewer-toolbar';
import { JumpBar } from './window-notices';

function isLive(line: LogMessage): line is LiveLine {
  return 'number' in line;
}

/** The newest lines of all runs as they are stored, each with its job and a link to its place. */
export function LiveViewer() {
  const [source] = useState(() => new LiveSource());
  const { window: held, stream } = useSyncExternalStore(
    source.store.subscribe,
    source.store.getSnapshot,
    source.store.getSnapshot,
  );
  const [filter, setFilter] = useState(NO_FILTER);
  const [isFollowing, setFollowing] = useState(true);
  const [wrap, setWrap] = usePreference('wrap', ['on', 'off'], 'on');
  const [time, setTime] = usePreference('live-time', TIME_STYLES_OF_MANY_RUNS, 'local');

  useEffect(() => {
    source.start();
    return () => source.stop();
  }, [source]);
  useEffect(() => source.setFollowing(isFollowing), [source, isFollowing]);

  const { query, fault } = useTextQuery(filter.text, filter.isCaseSensitive);
  const matcher = useMemo(() => new LineMatcher(filter, query), [filter, query]);

  const marks = useMemo(() => new LineMarks([query]), [query]);
  const states = useMemo(() => new TerminalStates(), []);
  const [shown] = useState(() => new ShownLines());
  const lines = useMemo(() => {
    const passing = isFiltering(filter) ? held.lines.filter((line) => matcher.matches(line)) : held.lines;
    shown.follow(passing);
    return passing;
  }, [held.lines, filter, matcher, shown]);
  const nameOf = useRunNames(useMemo(() => [...new Set(held.lines.map((line) => line.job_run_id))], [held.lines]));
  const { expansion, onAddTerm } = useStructured(held.lines, filter, setFilter);
  const options = useMemo<RowOptions>(() => {
    const pageOf = (line: LogMessage) => runPagePath(line.job_run_id);
    return {
      wrap: wrap === 'on',
      time,
      previousOf: time === 'delta' ? shown.previousOf : undefined,
      anchorOf: (line) => {
        const number = isLive(line) ? line.number : line.id;
        return { number, href: `${pageOf(line)}#L${number}` };
      },
      labelOf: (line) => ({ text: nameOf(line.job_run_id), href: pageOf(line) }),
      expansion,
      onAddTerm,
    };
  }, [wrap, time, nameOf, shown, expansion, onAddTerm]);

  const listRef = useRef<HTMLDivElement>(null);
  const native = useNativeSelection(listRef, {
    lines,
    whole: { first: lines[0]?.id ?? 1, last: lines.at(-1)?.id ?? 1 },
    isHeld: () => true,
  });

  const jump = useCallback(() => {
    source.showNewest();
    setFollowing(true);
  }, [source]);
  const missed = held.after;
  const digits = useMemo(
    () => String(held.lines.reduce((most, line) => Math.max(most, line.number), 1000)).length,
    [held.lines],
  );
  const style: CSSProperties & { '--digits': number; '--time': number } = {
    '--digits': digits,
    '--time': timeChars(shown.hasMicroseconds),
  };

  return (
    <section
      aria-label="Live lines"
      className="log-viewer log-live relative flex min-h-0 flex-1 flex-col bg-canvas"
      style={style}
    >
      <ViewerToolbar
        filter={filter}
        onFilterChange={setFilter}
        levelCounts={undefined}
        view={{
          wrap: wrap === 'on',
          setWrap: (on) => setWrap(on ? 'on' : 'off'),
          time,
          setTime,
          timeStyles: TIME_STYLES_OF_MANY_RUNS,
        }}
        fault={fault}
      >
        <ConnectionState stream={stream} isFollowing={isFollowing} onRetry={() => source.reconnect()} />
        <Button
          look="quiet"
          square
          aria-label={isFollowing ? 'Pause' : 'Resume'}
          title={isFollowing ? 'Pause' : 'Resume'}
          onClick={() => (isFollowing ? setFollowing(false) : jump())}
        >
          {isFollowing ? <Pause aria-hidden /> : <Play aria-hidden />}
        </Button>
      </ViewerToolbar>
      <div ref={listRef} className="relative flex min-h-0 flex-1 flex-col">
        <LogTimeTip container={listRef} shown={shown} startedAt={undefined} />
        <CopyNotice text={native.notice} />
        <LogList
          label="Lines of all runs"
          lines={lines}
          states={states}
          marks={marks}
          selection={undefined}
          keepMounted={native.keepMounted}
          options={options}
          isFollowing={isFollowing}
          canFollow={held.atNewest}
          onFollowingChange={setFollowing}
          overlay={!isFollowing && <JumpBar unseen={held.unseen} onJump={jump} />}
          head={
            missed > 0
              ? `${formatCounted(missed, 'earlier line')} no longer held here; each run’s page has all of its lines.`
              : null
          }
          foot={
            lines.length === 0 && (
              <div className="log-note px-3 py-1.5 text-fg-faint text-xs">
                {held.lines.length === 0
                  ? 'Waiting for lines. Whatever any run writes appears here.'
                  : `None of the newest ${formatCount(held.lines.length)} lines matches this filter.`}
              </div>
            )
          }
        />
      </div>
    </section>
  );
}
