import { openTab, type Tab } from './chromium';
import { RARE_WORD } from './fill-run';

const PATIENCE_MS = 30_000;
/** A frame at 60 Hz. */
const FRAME_MS = 1000 / 60;

export interface Following {
  frames: number;
  /** Frames of 60 a second that were not drawn. */
  dropped: number;
  longestTaskMs: number;
  /** Of more than 50 ms. */
  longTasks: number;
}

export interface Found {
  firstMs: number;
  allMs: number;
  count: number;
}

/** A run's page under measurement. Times are the page's own clock. */
export class ViewerTab {
  readonly tab: Tab;
  readonly #url: string;

  private constructor(tab: Tab, url: string) {
    this.tab = tab;
    this.#url = url;
  }

  static async open(url: string): Promise<ViewerTab> {
    return new ViewerTab(await openTab(noteFirstLines), url);
  }

  close(): Promise<void> {
    return this.tab.close();
  }

  /** Loads a run's page; milliseconds from navigation until lines of it are painted, and until its stream is up. */
  async load(run: string): Promise<{ linesMs: number; connectedMs: number }> {
    await this.tab.page.goto('about:blank');
    await this.tab.page.goto(`${this.#url}/job-runs/${run}`, { waitUntil: 'commit' });
    return this.tab.page.evaluate(awaitLoad, PATIENCE_MS);
  }

  /** Milliseconds from naming a line in the address until its row is in sight. */
  jump(line: number): Promise<number> {
    return this.tab.page.evaluate(jumpTo, { line, patienceMs: PATIENCE_MS });
  }

  /** Searches for the rare word; undefined where the page has no search over the whole run. */
  async search(): Promise<Found | undefined> {
    const { page } = this.tab;
    await page.getByRole('log').focus();
    await page.keyboard.press('/');
    const input = page.getByLabel('Search lines');
    const isThere = await input.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
    if (!isThere) return undefined;
    // What the page itself asks for at first is over before a reader can have typed.
    await page.waitForLoadState('networkidle');
    const found = page.evaluate(awaitSearch, PATIENCE_MS);
    await input.fill(RARE_WORD);
    return found;
  }

  /** Milliseconds until an answer is read whole by the page, and by nothing else in it. */
  fetchText(url: string): Promise<number> {
    return this.tab.page.evaluate(async (wanted) => {
      const start = performance.now();
      await (await fetch(wanted)).text();
      return performance.now() - start;
    }, url);
  }

  /** What the page's main thread does for so many seconds. */
  watch(seconds: number): Promise<Following> {
    return this.tab.page.evaluate(watchFrames, { seconds, frameMs: FRAME_MS });
  }

  /** Milliseconds until the line is in sight. */
  async waitForLine(line: number): Promise<number> {
    return this.tab.page.evaluate(awaitLine, { line, patienceMs: PATIENCE_MS });
  }
}

/** Runs in the page, as all that follow; before the document: notes when lines are in sight first. */
function noteFirstLines(): void {
  const look = () => {
    const row = document.querySelector('[role="log"] [data-line]');
    if (row && row.getBoundingClientRect().height > 0)
      document.documentElement.dataset.linesMs = `${performance.now()}`;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function awaitLoad(patienceMs: number): Promise<{ linesMs: number; connectedMs: number }> {
  const isConnected = () =>
    document.querySelector(':is([data-stream-state="live"], [data-stream-state="ended"])') !== null;
  const noted = () => document.documentElement.dataset.linesMs;
  while (!isConnected() || noted() === undefined) {
    if (performance.now() > patienceMs) throw new Error('the page did not come up');
    await new Promise(requestAnimationFrame);
  }
  return { linesMs: Number(noted()), connectedMs: performance.now() };
}

async function jumpTo({ line, patienceMs }: { line: number; patienceMs: number }): Promise<number> {
  const start = performance.now();
  location.hash = `#L${line}`;
  for (;;) {
    await new Promise(requestAnimationFrame);
    const row = document.querySelector(`[role="log"] [data-line="${line}"]`);
    const frame = document.querySelector('[role="log"]')?.getBoundingClientRect();
    const box = row?.getBoundingClientRect();
    if (box && frame && box.bottom > frame.top && box.top < frame.bottom) return performance.now() - start;
    if (performance.now() - start > patienceMs) throw new Error(`line ${line} did not come into sight`);
  }
}

async function awaitLine({ line, patienceMs }: { line: number; patienceMs: number }): Promise<number> {
  const start = performance.now();
  while (document.querySelector(`[role="log"] [data-line="${line}"]`) === null) {
    if (performance.now() - start > patienceMs) throw new Error(`line ${line} did not come`);
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - start;
}

async function awaitSearch(patienceMs: number): Promise<{ firstMs: number; allMs: number; count: number }> {
  const start = await new Promise<number>((resolve) => {
    document.addEventListener('input', () => resolve(performance.now()), { once: true, capture: true });
  });
  let firstMs = Number.NaN;
  return new Promise((resolve, reject) => {
    // Waiting by frames would make the browser draw sixty times a second beside the search.
    const observer = new MutationObserver(() => {
      const status = document.querySelector<HTMLElement>('[data-find-state]');
      const count = Number(status?.dataset.findCount ?? 0);
      if (Number.isNaN(firstMs) && count > 0) firstMs = performance.now() - start;
      if (status?.dataset.findState !== 'done') return;
      observer.disconnect();
      resolve({ firstMs, allMs: performance.now() - start, count });
    });
    observer.observe(document, {
      subtree: true,
      childList: true,
      attributeFilter: ['data-find-state', 'data-find-count'],
    });
    setTimeout(() => reject(new Error('the search did not end')), patienceMs);
  });
}

async function watchFrames({ seconds, frameMs }: { seconds: number; frameMs: number }): Promise<Following> {
  const tasks: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) tasks.push(entry.duration);
  });
  observer.observe({ type: 'longtask' });
  const end = performance.now() + seconds * 1000;
  let frames = 0;
  let dropped = 0;
  for (let last = performance.now(); last < end; ) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames++;
    dropped += Math.max(0, Math.round((now - last) / frameMs) - 1);
    last = now;
  }
  for (const entry of observer.takeRecords()) tasks.push(entry.duration);
  observer.disconnect();
  return { frames, dropped, longestTaskMs: Math.max(0, ...tasks), longTasks: tasks.length };
}
