import { ApiError, type HistoryQuery, LogStreamingService } from '@/lib/client/log-streamer';
import type { LogStreamer } from '@/lib/client/streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ResetEvent, ResetReason } from '@/lib/protocol/stream-events';
import { aroundParameters, contextLines, findStart, type LinePicker, pickerOf, streamFilter } from './around';
import { Arrival } from './arrival';
import { FrameStore } from './frame-store';
import { LineWindow, type WindowLimits, windowLimits } from './line-window';
import type { InitialLines, LogSourceOptions } from './log-source-options';
import { linesAbove, MatchPages, pageAround, pageBefore, spanOfNewest, throughOf } from './match-pages';
import type { PageKind, SourceSnapshot } from './source-snapshot';
import { UnfinishedLines } from './unfinished-lines';

const PAGE_LINES = 500;
/** Lines that a jump waits for: some screens. */
const PLACE_LINES = 240;
const PAGE_LINES_MIN = 20;
const FIRST_LINES = 1000;
/** Lines above a line that a link names. */
const CONTEXT_LINES = 100;
const RETRY_MS = 2000;
/** A page that takes longer is told to be on its way; telling it of others would only flicker, and cost a frame. */
const SLOW_MS = 150;

/**
 * One run's lines for a viewer: the live stream at the newest end, REST pages elsewhere, both in one LineWindow. Lines
 * are taken as they come; listeners of `store` hear of them once per animation frame. Nothing is connected before `start()`.
 */
export class LogSource {
  readonly store: FrameStore<SourceSnapshot>;
  readonly #options: LogSourceOptions;
  readonly #limits: WindowLimits;
  readonly #window: LineWindow<LogMessage>;
  readonly #lineListeners = new Set<(lines: readonly LogMessage[]) => void>();
  readonly #unfinished = new UnfinishedLines();
  #service: LogStreamingService | undefined;
  #streamer: LogStreamer | undefined;
  #picker: LinePicker | undefined;
  /** Pages that moved an end of the window, with lines or without, and answers after which another one makes sense. */
  #pages = 0;
  #first = 1;
  #head = 0;
  /** The line up to which those that pass the filter were looked for at first. */
  #lookedThrough = 0;
  readonly #matchPages: MatchPages;
  #isLoaded = false;
  #hasStart = false;
  #loading: { kind: PageKind; abort: AbortController } | undefined;
  #pageError: string | undefined;
  #failed: (() => void) | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #arrival = new Arrival();
  #resetReason: ResetReason | undefined;
  #resets = 0;

  constructor(options: LogSourceOptions) {
    this.#options = options;
    this.#limits = windowLimits(options.windowLines);
    this.#window = new LineWindow(this.#limits);
    this.#matchPages = new MatchPages(this.#limits.pageLinesMax);
    const { initial } = options;
    if (initial) this.#begin(initial.lines, initial.first, initial);
    this.store = new FrameStore(() => this.#read());
  }

  get filter(): FilterParameters {
    return this.#options.filter ?? {};
  }

  /** What its pages are asked for with: the filter, and what comes with matches. */
  get parameters(): HistoryQuery {
    return { ...this.filter, ...aroundParameters(this.#options.around) };
  }

  /** Connects, or goes on where `stop()` left. */
  start(): void {
    this.#service ??= new LogStreamingService(this.#options.baseUrl);
    if (this.#streamer) this.#streamer.connect();
    else if (this.#options.initial) this.#stream(this.#options.initial.after);
    else if (!this.#isFiltered()) this.#stream(undefined);
    else void this.#loadFirst();
  }

  stop(): void {
    this.#loading?.abort.abort();
    this.#loading = undefined;
    clearTimeout(this.#retryTimer);
    this.#arrival.cancel();
    this.#streamer?.disconnect();
    this.store.cancel();
  }

  /** Asks again at once: after a failure, or where a run that had ended goes on. */
  reconnect(): void {
    this.#streamer?.connect();
  }

  setFollowing(following: boolean): void {
    this.#window.setFollowing(following);
    this.store.publish();
  }

  /** Hears of the stream's lines as they come, not once a frame; returns what ends it. */
  onLines(listener: (lines: readonly LogMessage[]) => void): () => void {
    this.#lineListeners.add(listener);
    return () => this.#lineListeners.delete(listener);
  }

  /** The newest line that is known of, now rather than as of the last frame. */
  get newest(): number {
    return this.#newest();
  }

  /** The window ends with the newest line. */
  get atNewest(): boolean {
    return this.#window.atNewest;
  }

  /** Asks again for the page that could not be loaded. */
  readonly retry = (): void => this.#failed?.();

  /** The run's oldest line, as far as is known. */
  get first(): number {
    return this.#first;
  }

  readonly loadOlder = (): void => {
    if (this.#isPaging() || !this.#hasOlder() || this.#arrival.defers(this.loadOlder)) return;
    void this.#load('older', async (service, signal) => {
      const end = this.#window.after;
      const fetch = (query: HistoryQuery) => this.#fetch(service, query, signal);
      const { logs, after } = this.#isFiltered()
        ? await this.#matchPages.before(end, this.#first, fetch)
        : await pageBefore(end, this.#first, this.#pageLines(), fetch);
      return () => this.#window.addOlder(logs, Math.min(end, Math.max(after, this.#first - 1)));
    });
  };

  readonly loadNewer = (): void => {
    if (this.#isPaging() || this.#window.atNewest || this.#arrival.defers(this.loadNewer)) return;
    void this.#load('newer', async (service, signal) => {
      const after = this.#window.through;
      const page = await this.#fetch(service, { after, limit: this.#pageLines() }, signal);
      return () => this.#window.addNewer(page.logs, throughOf(page, after));
    });
  };

  /**
   * Brings a line into the window, or tells that the run does not have it, or that it could not be loaded. `behind`: neither it nor
   * a later one passes the filter; the last line that does is held.
   */
  async show(line: number): Promise<'held' | 'absent' | 'failed' | 'behind'> {
    if (this.#window.covers(line)) return 'held';
    if (line < this.#first || line > this.#newest()) return 'absent';
    const passed = Math.max(this.#lookedThrough, this.#streamer?.state.line ?? 0);
    if (this.#window.atNewest && line > this.#window.through && line <= passed) return 'behind';
    await this.#load('place', async (service, signal) => {
      const above = linesAbove(CONTEXT_LINES, PLACE_LINES, contextLines(this.#options.around));
      const fetch = (query: HistoryQuery) => this.#fetch(service, query, signal);
      const { page, after } = await pageAround(line, above, this.#first, PLACE_LINES, fetch);
      return () => {
        const through = throughOf(page, after);
        if (through <= after) return;
        this.#window.setFollowing(false);
        this.#window.show(page.logs, Math.max(after, this.#first - 1), through);
        this.#arrival.note();
      };
    });
    if (this.#window.covers(line)) return 'held';
    return this.#pageError === undefined ? 'absent' : 'failed';
  }

  showNewest(): void {
    this.#loading?.abort.abort();
    this.#loading = undefined;
    this.#arrival.cancel();
    if (this.#window.hasNewest) this.#window.showNewest();
    else void this.#loadNewest();
    this.#window.setFollowing(true);
    this.store.publish();
  }

  /** The newest lines of a run that was begun elsewhere and has had no line since. */
  #loadNewest(): Promise<void> {
    return this.#load('place', async (service, signal) => {
      const { logs, span } = await this.#fetchNewest(service, signal);
      return () => {
        this.#window.show(logs, span.after, span.through);
        this.#window.showNewest();
      };
    });
  }

  async #fetchNewest(service: LogStreamingService, signal: AbortSignal) {
    const page = await this.#fetch(service, { tail: FIRST_LINES }, signal);
    const span = spanOfNewest(page, FIRST_LINES, contextLines(this.#options.around) > 0);
    return { ...page, span };
  }

  /** Lines of a page: so few of long ones that they do not push out what is being read. */
  #pageLines(): number {
    const fitting = Math.floor(this.#limits.charsMax / 4 / Math.max(1, this.#window.averageChars));
    return Math.min(PAGE_LINES, this.#limits.pageLinesMax, Math.max(PAGE_LINES_MIN, fitting));
  }

  /** A page is on its way, or not shown yet: who asks for another one is still where the reader was before it. */
  #isPaging(): boolean {
    return this.#loading !== undefined || this.store.getSnapshot().pages !== this.#pages;
  }

  #isFiltered(): boolean {
    return Object.keys(this.filter).length > 0;
  }

  #begin(lines: readonly LogMessage[], first: number, at: Pick<InitialLines, 'newest' | 'span'> = {}): void {
    const { newest, span } = at;
    this.#first = Math.max(1, first);
    const after = (lines[0]?.id ?? this.#first) - 1;
    // Where nothing was found, what was looked through lies before the head.
    this.#window.reset(newest ?? (span && lines.length === 0 ? span.through : after));
    if (newest === undefined) this.#window.receive(lines);
    else this.#window.show(lines, span?.after ?? after, span?.through ?? lines.at(-1)?.id ?? after);
    if (span) {
      this.#window.addOlder([], Math.min(span.after, this.#window.after));
      // The last match may lie far before the line up to which was looked.
      this.#lookedThrough = span.through;
      this.#head = Math.max(this.#head, span.through);
    }
    this.#hasStart = true;
    this.#isLoaded = true;
  }

  /** The newest lines under a filter, then the stream after them. Tries until it is answered. */
  async #loadFirst(): Promise<void> {
    await this.#load('place', async (service, signal) => {
      const { around, jobRunId } = this.#options;
      const from = await findStart(around, () => service.fetchHistory(jobRunId, { tail: 1 }, { signal }));
      const { logs, pagination, span } = await this.#fetchNewest(service, signal);
      return () => {
        this.#begin(logs, 1, { span });
        this.#stream(from ?? pagination.next);
      };
    });
    if (this.#isLoaded || this.#pageError === undefined) return;
    this.#retryTimer = setTimeout(() => {
      if (this.#pageError !== undefined && !this.#streamer) void this.#loadFirst();
    }, RETRY_MS);
  }

  #stream(after: string | number | undefined): void {
    const service = this.#service;
    if (!service) return;
    const { around } = this.#options;
    this.#picker = around && pickerOf(around);
    this.#streamer = service.streamJobRunLogs(this.#options.jobRunId, {
      transport: this.#options.transport ?? 'socketio',
      filter: streamFilter(this.filter, around),
      ...(after === undefined ? { tail: FIRST_LINES } : { after }),
      onBatch: (lines) => this.#receive(lines),
      onConnect: ({ first, last }) => {
        this.#first = Math.max(this.#first, first ?? 1);
        this.#head = Math.max(this.#head, last ?? 0);
        if (last === 0) this.#isLoaded = true;
        this.store.publish();
      },
      onProgress: ({ last }) => {
        this.#head = Math.max(this.#head, last ?? 0);
        this.store.publishPaced();
      },
      onPartial: (partial) => {
        this.#unfinished.note(partial);
        this.store.publishPaced();
      },
      onRunEnd: () => {
        this.#unfinished.clear();
        this.#isLoaded = true;
        this.store.publish();
      },
      onReset: (event) => this.#reset(event),
      onStateChange: () => this.store.publish(),
    });
  }

  #receive(received: readonly LogMessage[]): void {
    // A line that a filter leaves out ends what its program had left unfinished, too.
    this.#unfinished.end(received);
    this.store.publishPaced();
    const lines = this.#picker?.pick(received) ?? received;
    if (lines.length === 0) return;
    if (this.#hasStart) this.#window.receive(lines);
    else this.#begin(lines, this.#first);
    for (const listener of this.#lineListeners) listener(lines);
  }

  #reset({ reason, first, last }: ResetEvent): void {
    this.#loading?.abort.abort();
    this.#loading = undefined;
    this.#unfinished.clear();
    this.#first = Math.max(1, first ?? 1);
    this.#head = last ?? 0;
    this.#lookedThrough = 0;
    this.#window.reset(this.#first - 1);
    // Where the stream goes on is told by its next line; until then the newest lines are asked for.
    this.#hasStart = false;
    this.#resetReason = reason;
    this.#resets += 1;
    this.#picker &&= this.#options.around && pickerOf(this.#options.around);
    void this.#load('place', async (service, signal) => {
      const { logs, span } = await this.#fetchNewest(service, signal);
      return () => {
        if (!this.#hasStart) this.#begin(logs, this.#first, this.#isFiltered() ? { span } : {});
      };
    });
  }

  #hasOlder(): boolean {
    return this.#hasStart && this.#window.after >= this.#first;
  }

  #newest(): number {
    return Math.max(this.#window.newest, this.#head, this.#streamer?.state.head ?? 0);
  }

  async #fetch(service: LogStreamingService, query: HistoryQuery, signal: AbortSignal) {
    const page = await service.fetchHistory(this.#options.jobRunId, { ...query, ...this.parameters }, { signal });
    // Numbers are dense: asked for all from the beginning, the server answers with what retention has left of it.
    const [oldest] = page.logs;
    if (query.after === 0 && oldest && !this.#isFiltered()) this.#first = Math.max(this.#first, oldest.id);
    return page;
  }

  /** One page at a time; its effect is dropped where the window moved elsewhere meanwhile. */
  async #load(
    kind: PageKind,
    fetchPage: (service: LogStreamingService, signal: AbortSignal) => Promise<() => void>,
  ): Promise<void> {
    // A reader may go elsewhere before the stream can begin.
    this.#service ??= new LogStreamingService(this.#options.baseUrl);
    this.#loading?.abort.abort();
    const abort = new AbortController();
    this.#loading = { kind, abort };
    const isRetry = this.#pageError !== undefined;
    this.#pageError = undefined;
    if (isRetry) this.store.publishNow();
    this.#failed = undefined;
    const slow = setTimeout(() => this.store.publish(), SLOW_MS);
    try {
      const apply = await fetchPage(this.#service, abort.signal);
      if (!abort.signal.aborted) {
        const { after, through } = this.#window;
        apply();
        if (after !== this.#window.after || through !== this.#window.through) this.#pages += 1;
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        this.#noteFailure(error);
        this.#failed = () => void this.#load(kind, fetchPage);
      }
    }
    clearTimeout(slow);
    if (this.#loading?.abort !== abort) return;
    this.#loading = undefined;
    if (kind === 'place') this.store.publishNow();
    else this.store.publish();
  }

  #noteFailure(error: unknown): void {
    if (error instanceof ApiError && error.code === 'STRATAL_CURSOR_RESET') {
      const first = error.problem.first;
      // Retention took the lines that were asked for: the page above now begins later.
      if (typeof first === 'number' && first > this.#first) {
        this.#first = first;
        // Who reads on from lines of which none is left goes on at the first that is.
        if (this.#window.through < first - 1) this.#window.dropThrough(first - 1);
        // What is left may be asked for; the same once more would be answered the same.
        this.#pages += 1;
      }
      return;
    }
    this.#pageError = error instanceof Error ? error.message : String(error);
  }

  #read(): SourceSnapshot {
    return {
      window: this.#window.snapshot(),
      first: this.#first,
      newest: this.#newest(),
      hasOlder: this.#hasOlder(),
      stream: this.#streamer?.state ?? { kind: 'connecting' },
      unfinished: this.#unfinished.list,
      isLoaded: this.#isLoaded,
      loading: this.#loading?.kind,
      pages: this.#pages,
      pageError: this.#pageError,
      resetReason: this.#resetReason,
      resets: this.#resets,
    };
  }
}
