'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { formatCount } from '@/components/format/quantity';
import { usePassingNotice } from '@/components/ui/use-passing-notice';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { Level } from '@/lib/protocol/log-message';
import { firstErrorLine } from './find/first-error-line';
import { lineOfLevel } from './find/line-of-level';
import { lineAtTime } from './histogram/line-at-time';
import { type JumpContext, type JumpTarget, parseJump } from './jump/jump-target';
import type { LogSource } from './log-source';
import type { Sight, SightStore } from './sight-store';
import type { Landmark } from './use-line-hash';
import type { Place } from './use-place';
import { useStableCallback } from './use-stable-callback';

export interface Travel {
  /** To the next (1) or previous (-1) line of a level, wherever it is in the run. */
  step: (level: Level, direction: 1 | -1) => void;
  /** To a line or a time; resolves to what is wrong where there is no such place. */
  jump: (target: JumpTarget) => Promise<string | undefined>;
  /** To the first shown line from a time on (RFC 3339). */
  jumpToTime: (iso: string) => void;
  /** To what a reader typed, where it is a place. */
  jumpToText: (text: string) => void;
  jumpContext: () => JumpContext;
  noteSight: (sight: Sight) => void;
  /** The line of the last step. */
  stepped: number | undefined;
  /** Why the reader is where they were; gone after some seconds. */
  notice: string | undefined;
}

/** On the way to a line others pass by: for so long what is in sight does not tell where the reader is. */
const ON_WAY_MS = 3000;
/** Without an answer by then a step is given up. */
const STEP_MS = 20_000;
/** Steps that wait for an answer; a key that is held down asks for no more. */
const STEPS_MAX = 3;

const NAMES: Record<Level, string> = { error: 'error', warn: 'warning', info: 'info line', debug: 'debug line' };

/** Ways to places of a run that the server has to be asked for. */
export function useTravel({
  jobRunId,
  baseUrl,
  filter,
  source,
  sight,
  place,
  select,
  landmark,
  startedAt,
  isUtc,
}: {
  jobRunId: string;
  baseUrl: string | undefined;
  filter: FilterParameters;
  source: LogSource;
  sight: SightStore;
  place: Place;
  select: ((line: number, extend: boolean) => void) | undefined;
  landmark: Landmark | undefined;
  /** For times since the start, and times without a zone. */
  startedAt: string | undefined;
  isUtc: boolean;
}): Travel {
  const { goTo, goToNewest, noteInSight, isGoing } = place;
  const [notice, setNotice] = usePassingNotice<string>();
  const [stepped, setStepped] = useState<number>();
  /** The step before, at once: keys come faster than renders. */
  const latest = useRef<{ line: number; at: number; hasArrived: boolean }>(undefined);

  const noteSight = useCallback(
    (seen: Sight) => {
      sight.set(seen);
      noteInSight(seen.middle);
      const last = latest.current;
      if (last && last.line >= seen.first && last.line <= seen.last) last.hasArrived = true;
    },
    [sight, noteInSight],
  );

  // One that had to wait is taken from where the reader is by then.
  const takeStep = useStableCallback(async (level: Level, direction: 1 | -1) => {
    const seen = sight.get();
    // From the line of the step before until the reader has gone elsewhere; else from what is in sight.
    const last = latest.current;
    const isOnWay = !last?.hasArrived && (isGoing || performance.now() < (last?.at ?? 0) + ON_WAY_MS);
    const isInSight = last !== undefined && seen !== undefined && last.line >= seen.first && last.line <= seen.last;
    const from =
      last !== undefined && (isOnWay || isInSight)
        ? last.line
        : direction === 1
          ? (seen?.first ?? 1) - 1
          : (seen?.last ?? 0) + 1;
    const service = new LogStreamingService(baseUrl);
    try {
      const line = await lineOfLevel(
        service,
        jobRunId,
        level,
        { from, direction },
        filter,
        AbortSignal.timeout(STEP_MS),
      );
      if (line === undefined) {
        setNotice(`No ${direction === 1 ? 'further' : 'earlier'} ${NAMES[level]}`);
        return;
      }
      setStepped(line);
      latest.current = { line, at: performance.now(), hasArrived: false };
      setNotice(undefined);
      goTo(line);
    } catch (error) {
      setNotice(error instanceof Error ? error.message : String(error));
    }
  });
  // Each begins where the one before it led: keys come faster than answers.
  const steps = useRef({ count: 0, done: Promise.resolve() });
  const step = useCallback(
    (level: Level, direction: 1 | -1) => {
      const queue = steps.current;
      if (queue.count >= STEPS_MAX) return;
      queue.count += 1;
      queue.done = queue.done
        .then(() => takeStep(level, direction))
        .finally(() => {
          queue.count -= 1;
        });
    },
    [takeStep],
  );

  const jump = useCallback(
    async (target: JumpTarget) => {
      try {
        const line =
          target.kind === 'line'
            ? target.line
            : ((await lineAtTime(new LogStreamingService(baseUrl), jobRunId, target.at)) ?? source.newest);
        if (line < source.first) return `The log begins at line ${formatCount(source.first)}.`;
        if (line > source.newest) return `The newest line is ${formatCount(source.newest)}.`;
        const last = target.kind === 'line' && target.last !== undefined ? Math.min(target.last, source.newest) : line;
        select?.(line, false);
        if (last !== line) select?.(last, true);
        latest.current = undefined;
        goTo(line, 'center', last);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    [baseUrl, jobRunId, source, select, goTo],
  );

  const jumping = useRef<AbortController>(undefined);
  const jumpToTime = (iso: string) => {
    jumping.current?.abort();
    const abort = new AbortController();
    jumping.current = abort;
    lineAtTime(new LogStreamingService(baseUrl), jobRunId, iso, abort.signal, filter).then(
      (line) => {
        if (abort.signal.aborted) return;
        setNotice(line === undefined ? 'No line of this view is from then or later' : undefined);
        if (line === undefined) return;
        latest.current = undefined;
        goTo(line);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setNotice(error instanceof Error ? error.message : String(error));
      },
    );
  };

  const jumpContext = useCallback(() => {
    const seen = sight.get();
    const near = source.store.getSnapshot().window.lines.find((line) => line.id >= (seen?.middle ?? 0))?.timestamp;
    return {
      first: source.first,
      newest: source.newest,
      current: seen?.middle ?? source.first,
      near,
      startedAt,
      isUtc,
    };
  }, [source, sight, startedAt, isUtc]);

  const jumpToText = (text: string) => {
    const target = parseJump(text, jumpContext());
    if (target) void jump(target).then((problem) => problem !== undefined && setNotice(problem));
  };

  const reached = useRef<Landmark>(undefined);
  useEffect(() => {
    // Each address once: what it leads through changes with every filter.
    if (!landmark || reached.current === landmark) return;
    reached.current = landmark;
    if (landmark.kind === 'end') goToNewest();
    else {
      firstErrorLine(new LogStreamingService(baseUrl), jobRunId, AbortSignal.timeout(STEP_MS)).then(
        (line) => {
          if (reached.current !== landmark) return;
          if (line === undefined) setNotice('This run has no line of level error');
          else goTo(line);
        },
        (error: unknown) => setNotice(error instanceof Error ? error.message : String(error)),
      );
    }
  }, [landmark, baseUrl, jobRunId, goTo, goToNewest]);

  return { step, jump, jumpToTime, jumpToText, jumpContext, noteSight, stepped, notice };
}
