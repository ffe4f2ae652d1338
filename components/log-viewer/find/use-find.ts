'use client';

import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { LogSource } from '@/components/log-viewer/log-source';
import type { Sight } from '@/components/log-viewer/sight-store';
import type { CompiledText, TextFault } from '@/components/log-viewer/use-text-query';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
import { type FindState, faultPlace, findTerm, searchParameters } from '@/lib/protocol/find-term';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { TextQuery } from '@/lib/protocol/text-query';
import { FindSearch, type FindSnapshot } from './find-search';
import { countBelow } from './hit-list';

/** A search begins when its text and filter stand still for this long; one whose text was pasted, or came with the address, at once. */
const SETTLE_MS = 150;

export interface FindOptions {
  jobRunId: string;
  baseUrl: string | undefined;
  state: FindState;
  /** The search's term, compiled. */
  compiled: CompiledText;
  /** The filter of the lines to look through, without the search. */
  filter: FilterParameters;
  /** Whether a line passes that filter. */
  passes: (line: LogMessage) => boolean;
  source: LogSource;
  sight: () => Sight | undefined;
  goTo: (line: number) => void;
}

export interface Find {
  /** Absent where nothing is searched for. */
  snapshot: FindSnapshot | undefined;
  /** What a match is, to mark it in the text. */
  query: TextQuery | undefined;
  /** What is wrong with the text, and where in it. */
  fault: TextFault | undefined;
  /** The match that the reader went to last. */
  current: number | undefined;
  /** Told where a step went round, or found nothing. */
  notice: string | undefined;
  /** The next (1) or the previous (-1) match, from the current one or from what is in sight; goes round at the ends. */
  step: (direction: 1 | -1) => void;
  goOn: () => void;
}

const NONE = { subscribe: () => () => undefined, getSnapshot: () => undefined };

/** The search over a run: its matches as they are found, and steps between them, across lines that are not held. */
export function useFind(options: FindOptions): Find {
  const { jobRunId, baseUrl, state, source } = options;
  const { text } = state;
  const term = findTerm(state);
  const { query, fault } = options.compiled;
  const parameters = useMemo(() => searchParameters(options.filter, state), [options.filter, state]);
  const key = term === '' || fault !== undefined ? '' : JSON.stringify(parameters);

  const [search, setSearch] = useState<FindSearch>();
  const [current, setCurrent] = useState<number>();
  const [notice, setNotice] = useState<string>();
  const searched = useRef('');
  const [pending, setPending] = useState<{ direction: 1 | -1; from: number }>();

  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    setCurrent(undefined);
    setNotice(undefined);
    setPending(undefined);
    setSearch(undefined);
    const isPasted = Math.abs(text.length - searched.current.length) > 1;
    searched.current = text;
    if (key === '') return;
    const next = new FindSearch(new LogStreamingService(baseUrl), jobRunId, JSON.parse(key));
    const begin = () => {
      next.start(latest.current.source.newest);
      setSearch(next);
    };
    const timer = isPasted ? undefined : setTimeout(begin, SETTLE_MS);
    if (isPasted) begin();
    return () => {
      clearTimeout(timer);
      next.stop();
    };
  }, [key, text, baseUrl, jobRunId]);

  const { passes } = options;
  useEffect(() => {
    if (!search || !query) return;
    const join = (lines: readonly LogMessage[]) =>
      search.addLive(lines.filter((line) => query.matches(line.message) && passes(line)).map((line) => line.id));
    // What has come since the search began, while its grammar or this filter's lines were on the way.
    join(source.store.getSnapshot().window.lines.filter((line) => line.id > search.since));
    return source.onLines(join);
  }, [search, query, source, passes]);

  const store = search?.store ?? NONE;
  const snapshot = useSyncExternalStore<FindSnapshot | undefined>(store.subscribe, store.getSnapshot, () => undefined);

  const go = useCallback((line: number, words?: string) => {
    setCurrent(line);
    setNotice(words);
    setPending(undefined);
    latest.current.goTo(line);
  }, []);

  const step = useCallback(
    (direction: 1 | -1) => {
      const seen = latest.current.sight();
      const from = current ?? (direction === 1 ? (seen?.first ?? 1) - 1 : (seen?.last ?? Number.MAX_SAFE_INTEGER) + 1);
      setPending({ direction, from });
    },
    [current],
  );

  // A step waits where the search has not come far enough to know its answer.
  useEffect(() => {
    if (!pending || !snapshot) return;
    const step = nextStep(snapshot, pending);
    if (step === 'unknown') return;
    if (step.line === undefined) setPending(undefined);
    else go(step.line, step.words);
  }, [pending, snapshot, go]);

  // The server is asked for the nearest match alone, once: the search may take long to come by, or have stopped before.
  useEffect(() => {
    if (!pending || !search) return;
    const { direction, from } = pending;
    const known = search.store.getSnapshot();
    if (nextStep(known, pending) !== 'unknown') return;
    // Backward, what the search is about to look at would be looked through twice.
    if (direction === -1 && known.state === 'searching') return;
    const abort = new AbortController();
    search.nearest(from, direction, abort.signal).then(
      (line) => {
        if (abort.signal.aborted) return;
        const { hits, state: found } = search.store.getSnapshot();
        if (line !== undefined) go(line);
        else if (direction === 1) go(hits[0] ?? from, hits.length > 0 ? WENT_ROUND[1] : undefined);
        else if (found !== 'searching') setPending(undefined);
      },
      () => undefined,
    );
    return () => abort.abort();
  }, [pending, search, go]);

  const placed = fault && { ...fault, at: faultPlace(state, fault.at) };
  return { snapshot, query, fault: placed, current, notice, step, goOn: () => search?.goOn() };
}

const WENT_ROUND = { 1: 'Went on at the first match', [-1]: 'Went on at the last match' } as const;

/** Where a step leads as far as a search knows: lines between are known only where all of them were looked at. */
function nextStep(
  { hits, state, through }: FindSnapshot,
  { direction, from }: { direction: 1 | -1; from: number },
): 'unknown' | { line: number | undefined; words?: string } {
  const isWhole = state === 'done';
  const line = direction === 1 ? hits[countBelow(hits, from + 1)] : hits[countBelow(hits, from) - 1];
  if (line !== undefined && (isWhole || (direction === 1 ? from <= through : from - 1 <= through))) return { line };
  if (state === 'failed') return { line };
  if (!isWhole) return 'unknown';
  return { line: direction === 1 ? hits[0] : hits.at(-1), words: WENT_ROUND[direction] };
}
