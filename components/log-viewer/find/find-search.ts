import { FrameStore } from '@/components/log-viewer/frame-store';
import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
import { HitList } from './hit-list';
import { matchAfter, matchBefore } from './nearest-match';

/** Matches held at most; a search with more stops there and says so. */
const HITS_MAX = 100_000;
/** How far a search has come, and what it found after its first match, is told this often: drawing takes from the machine what the search could use. */
const PROGRESS_MS = 250;

export interface FindSnapshot {
  /** Lines with a match, ascending. */
  hits: readonly number[];
  /** `limited`: stopped at HITS_MAX; `goOn` continues, also after a failure. */
  state: 'searching' | 'done' | 'limited' | 'failed';
  /** The last line that was looked at. */
  through: number;
  /** Why the search failed. */
  fault?: string | undefined;
}

/**
 * One search over the whole of a run, on the server, joined by the lines that arrive meanwhile. Matches are taken as
 * they come; listeners of `store` hear of them once per animation frame.
 */
export class FindSearch {
  readonly store: FrameStore<FindSnapshot>;
  readonly #service: LogStreamingService;
  readonly #jobRunId: string;
  readonly #parameters: FilterParameters;
  readonly #abort = new AbortController();
  readonly #hits = new HitList();
  #state: FindSnapshot['state'] = 'searching';
  #through = 0;
  #since = 0;
  /** Matches of the stream count too: it may go on for days. */
  #countMax = 2 * HITS_MAX;
  #next: string | undefined;
  #fault: string | undefined;
  #shown: readonly number[] = [];

  /** @param parameters the filter of the lines to look through, with the search in its `q` */
  constructor(service: LogStreamingService, jobRunId: string, parameters: FilterParameters) {
    this.#service = service;
    this.#jobRunId = jobRunId;
    this.#parameters = parameters;
    this.store = new FrameStore(() => this.#read(), PROGRESS_MS);
  }

  /** @param newest the newest line that is known of: the server may look no further, and later ones are told by `addLive` */
  start(newest: number): void {
    this.#since = newest;
    void this.#run(undefined);
  }

  /** The newest line that was known of when the search began. */
  get since(): number {
    return this.#since;
  }

  /** Goes on after a stop at the limit, for as many matches again, or after a failure, behind what was looked through. */
  goOn(): void {
    if (this.#state === 'failed') {
      this.#next = this.#through > 0 ? String(this.#through) : undefined;
    } else if (this.#state === 'limited') {
      this.#hits.settle();
      this.#countMax = this.#hits.count + HITS_MAX;
    } else return;
    this.#state = 'searching';
    this.#fault = undefined;
    void this.#run(this.#next);
  }

  stop(): void {
    this.#abort.abort();
    this.store.cancel();
  }

  /** Matching lines of the stream; once there are too many, the search stops at them until it is told to go on. */
  addLive(lines: readonly number[]): void {
    if (lines.length === 0 || this.#state === 'limited') return;
    this.#hits.addLive(lines);
    if (this.#state === 'done' && this.#hits.count >= this.#countMax) {
      this.#state = 'limited';
      this.#through = lines.at(-1) ?? this.#through;
      this.#next = String(this.#through);
    }
    this.store.publish();
  }

  /** The nearest match after (1) or before (-1) a line, asked for directly: the search at hand may be far from there. */
  nearest(line: number, direction: 1 | -1, signal: AbortSignal): Promise<number | undefined> {
    const ask = direction === 1 ? matchAfter : matchBefore;
    return ask(this.#service, this.#jobRunId, this.#parameters, line, signal);
  }

  async #run(after: string | undefined): Promise<void> {
    const { signal } = this.#abort;
    const query = { ...this.#parameters, limit: HITS_MAX, ...(after !== undefined && { after }) };
    this.store.publish();
    try {
      for await (const answer of this.#service.search(this.#jobRunId, query, { signal })) {
        if ('id' in answer) {
          const isFirst = this.#hits.count === 0;
          this.#hits.addFound([answer.id]);
          this.#through = Math.max(this.#through, answer.id);
          if (isFirst) this.store.publish();
          else this.store.publishPaced();
        } else if ('progress' in answer) {
          this.#through = answer.progress.last;
          this.store.publishPaced();
        } else if (answer.complete) {
          this.#state = 'done';
        } else {
          this.#state = 'limited';
          this.#next = answer.next;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#state = 'failed';
      this.#fault = error instanceof Error ? error.message : String(error);
    }
    this.store.publish();
  }

  #read(): FindSnapshot {
    if (this.#hits.count !== this.#shown.length) this.#shown = this.#hits.toArray();
    return { hits: this.#shown, state: this.#state, through: this.#through, fault: this.#fault };
  }
}
