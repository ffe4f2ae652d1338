import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { LogMessage } from '@/lib/protocol/log-message';
import { moveOf } from './groups-around';
import type { KnownGroups } from './known-groups';

/** A window that moves is asked for when it stands still this long. */
const SETTLE_MS = 100;
const RETRY_MS = 5000;
/** Answers that are kept: those of the window's two ends. */
const ANSWERS_MAX = 2;
const NONE: readonly KnownGroups[] = [];

/** Where the viewer looks. */
export interface GroupPlace {
  lines: readonly LogMessage[];
  /** The first line is not the run's first. */
  hasOlder: boolean;
  /** Groups go on below the last line, and nothing is known of them there. */
  hasUnknownEnds: boolean;
}

/**
 * Asks the server for the groups around what a viewer holds: at the first line once for each place that the window is put
 * to and when older lines come, below the last line where groups go on there. What is lost at the front of a window was
 * seen, so that a viewer which follows asks once. One request at a time; failures are tried again later, as nothing
 * but headers and counts waits for them.
 */
export class GroupSource {
  readonly #service: Pick<LogStreamingService, 'fetchGroups'>;
  readonly #jobRunId: string;
  readonly #listeners = new Set<() => void>();
  #answers = NONE;
  #place: GroupPlace | undefined;
  /** From this line on all groups were told or seen. */
  #coveredFrom = Number.POSITIVE_INFINITY;
  #askedBelow: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  /** The run has more markers than the server looks through. */
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
      this.#coveredFrom = Number.POSITIVE_INFINITY;
      this.#askedBelow = undefined;
      this.#asking?.abort();
    }
    if (this.#asking === undefined) this.#askIn(SETTLE_MS);
  }

  /** Ends what is under way; the next place is a new one. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asking?.abort();
    this.#asking = undefined;
    this.#place = undefined;
    this.#coveredFrom = Number.POSITIVE_INFINITY;
    this.#askedBelow = undefined;
  }

  /** Forgets all that was told: lines of this run are others now. */
  forget(): void {
    this.stop();
    if (this.#answers !== NONE) this.#publish(NONE);
  }

  #missing(): { at: number; onAnswer: () => void } | undefined {
    const first = this.#place?.lines[0]?.id;
    if (this.#place === undefined || first === undefined || this.#isHopeless) return undefined;
    if (!this.#place.hasOlder) this.#coveredFrom = first;
    if (first < this.#coveredFrom) return { at: first, onAnswer: () => (this.#coveredFrom = first) };
    const below = (this.#place.lines.at(-1)?.id ?? 0) + 1;
    if (!this.#place.hasUnknownEnds || this.#askedBelow === below) return undefined;
    return { at: below, onAnswer: () => (this.#askedBelow = below) };
  }

  #askIn(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#missing() !== undefined) this.#timer = setTimeout(() => void this.#ask(), delayMs);
  }

  async #ask(): Promise<void> {
    const missing = this.#missing();
    if (missing === undefined) return;
    const { at, onAnswer } = missing;
    const asking = new AbortController();
    this.#asking = asking;
    let delayMs = SETTLE_MS;
    try {
      const { groups, through } = await this.#service.fetchGroups(this.#jobRunId, at, { signal: asking.signal });
      if (!asking.signal.aborted) {
        onAnswer();
        this.#isHopeless = groups === null;
        if (groups !== null && groups.length > 0)
          this.#publish([...this.#answers, { at, through, groups }].slice(-ANSWERS_MAX));
      }
    } catch {
      delayMs = RETRY_MS;
    }
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    this.#askIn(asking.signal.aborted ? SETTLE_MS : delayMs);
  }

  #publish(answers: readonly KnownGroups[]): void {
    this.#answers = answers;
    for (const listener of this.#listeners) listener();
  }
}
