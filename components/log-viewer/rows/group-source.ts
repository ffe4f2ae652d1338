import { ApiError, type LogStreamingService } from '@/lib/client/log-streamer';
import type { LogMessage } from '@/lib/protocol/log-message';
import { moveOf } from './groups-around';
import type { KnownGroups, OpenEnds } from './known-groups';

/** What is missing is asked for this long after it was first seen to be, so that a window that moves on at once is not asked for. */
const SETTLE_MS = 100;
/** After a failure nothing is asked for so long: headers and counts can wait, and the server may have too much to do. */
const RETRY_MS = 5000;
/** Groups that are still written are asked for again this long after the answer before: often enough for counts that say "≥". */
const REFRESH_MS = 5000;
/** Answers that are kept: those of the window's two ends. */
const ANSWERS_MAX = 2;
const NONE: readonly KnownGroups[] = [];

/** Where the viewer looks. */
export interface GroupPlace {
  lines: readonly LogMessage[];
  /** The first line is not the run's first. */
  hasOlder: boolean;
  /** What is known of groups that go on below the last line. */
  openEnds: OpenEnds;
  /** The run's newest line, as far as is known. */
  newest: number;
}

interface Missing {
  /** The line to ask for. */
  at: number;
  notBefore: number;
  onAnswer: (through: number) => void;
}

/**
 * Asks the server for the groups around what a viewer holds: at the first line once for each place that the window is put
 * to and when older lines come, below the last line where groups go on there, and there again, slowly, while the run grows. What is
 * lost at the front of a window was seen, so that a viewer which follows asks once. One request at a time. A failure is tried again
 * after some seconds, whatever is looked at meanwhile, unless the server says that it will always be one.
 */
export class GroupSource {
  readonly #service: Pick<LogStreamingService, 'fetchGroups'>;
  readonly #jobRunId: string;
  readonly #listeners = new Set<() => void>();
  #answers = NONE;
  #place: GroupPlace | undefined;
  /** From this line on all groups were told or seen. */
  #coveredFrom = Number.POSITIVE_INFINITY;
  /** The last answer below the window's end: the line that was asked for, and the run's last line then. */
  #below: { at: number; through: number } | undefined;
  #timer: { handle: ReturnType<typeof setTimeout>; due: number } | undefined;
  #asking: AbortController | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** Nothing is asked for before. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** The run has more markers than the server looks through, or the server refuses to tell of it. */
  #isHopeless = false;

  constructor(service: Pick<LogStreamingService, 'fetchGroups'>, jobRunId: string) {
    this.#service = service;
    this.#jobRunId = jobRunId;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The newest answers, those of earlier places first. */
  readonly getSnapshot = (): readonly KnownGroups[] => this.#answers;

  /** Told of every place that is looked at, it asks where something is missing there. */
  look(place: GroupPlace): void {
    const before = this.#place?.lines ?? [];
    this.#place = place;
    if (before !== place.lines && moveOf(before, place.lines) === 'elsewhere') {
      this.#leave();
      this.#asking?.abort();
    }
    this.#askSoon();
  }

  /** Ends what is under way; the next place is a new one. */
  stop(): void {
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
    this.#leave();
    this.#asking?.abort();
    this.#asking = undefined;
    this.#place = undefined;
  }

  /** Forgets all that was told: lines of this run are others now. */
  forget(): void {
    this.stop();
    this.#isHopeless = false;
    if (this.#answers !== NONE) this.#publish(NONE);
  }

  #leave(): void {
    this.#coveredFrom = Number.POSITIVE_INFINITY;
    this.#below = undefined;
  }

  #missing(): Missing | undefined {
    const first = this.#place?.lines[0]?.id;
    if (this.#place === undefined || first === undefined || this.#isHopeless) return undefined;
    const { lines, hasOlder, openEnds, newest } = this.#place;
    if (!hasOlder) this.#coveredFrom = first;
    const notBefore = this.#notBefore;
    if (first < this.#coveredFrom) return { at: first, notBefore, onAnswer: () => (this.#coveredFrom = first) };
    if (openEnds === 'told') return undefined;
    const at = (lines.at(-1)?.id ?? 0) + 1;
    const onAnswer = (through: number) => (this.#below = { at, through });
    if (openEnds === 'unknown' && this.#below?.at !== at) return { at, notBefore, onAnswer };
    // The same again would be answered the same.
    if (this.#below !== undefined && this.#below.through >= newest) return undefined;
    return { at, notBefore: Math.max(notBefore, this.#answeredAt + REFRESH_MS), onAnswer };
  }

  /** A timer that is armed stays so, as a live run has a new place with every frame; what is due earlier goes first. */
  #askSoon(): void {
    if (this.#asking !== undefined) return;
    const missing = this.#missing();
    if (missing === undefined) return;
    const now = performance.now();
    const due = Math.max(now + SETTLE_MS, missing.notBefore);
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    clearTimeout(this.#timer?.handle);
    this.#timer = { handle: setTimeout(() => void this.#ask(), due - now), due };
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    const missing = this.#missing();
    if (missing === undefined) return;
    if (missing.notBefore > performance.now()) return this.#askSoon();
    const { at, onAnswer } = missing;
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const { groups, through } = await this.#service.fetchGroups(this.#jobRunId, at, { signal: asking.signal });
      if (!asking.signal.aborted) {
        onAnswer(through);
        this.#answeredAt = performance.now();
        this.#isHopeless = groups === null;
        if (groups !== null && groups.length > 0) this.#add({ at, through, groups });
      }
    } catch (error) {
      if (!asking.signal.aborted) this.#noteFailure(error);
    }
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    this.#askSoon();
  }

  #noteFailure(error: unknown): void {
    if (error instanceof ApiError && !error.temporary) this.#isHopeless = true;
    else this.#notBefore = performance.now() + RETRY_MS;
  }

  /** Takes the place of an earlier answer at the same line. */
  #add(answer: KnownGroups): void {
    const others = this.#answers.filter(({ at }) => at !== answer.at);
    this.#publish([...others, answer].slice(-ANSWERS_MAX));
  }

  #publish(answers: readonly KnownGroups[]): void {
    this.#answers = answers;
    for (const listener of this.#listeners) listener();
  }
}
