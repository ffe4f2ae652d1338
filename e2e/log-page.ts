import type { Locator, Page } from '@playwright/test';
import { untilIdle } from './interactive';

/** A line as the viewer shows it. */
export interface ShownLine {
  number: number;
  stream: string;
  text: string;
}

/** So long may a page take until its stream is connected. */
const CONNECT_MS = 10_000;

/** A run's page, as a reader uses it. */
export class LogPage {
  readonly page: Page;
  readonly list: Locator;
  /** What the stream is doing; its attribute `data-stream-state` is the state's name. */
  readonly state: Locator;
  /** A line that its program has not ended yet. */
  readonly partial: Locator;
  readonly filterText: Locator;
  /** The search over the whole run; there once it was opened. */
  readonly findText: Locator;
  /** Its attributes `data-find-state` and `data-find-count` tell how far the search is. */
  readonly findStatus: Locator;

  constructor(page: Page) {
    this.page = page;
    this.list = page.getByRole('log');
    this.state = page.locator('[data-stream-state]');
    this.partial = this.list.locator('[data-partial]');
    this.filterText = page.getByLabel('Filter lines');
    this.findText = page.getByLabel('Search lines');
    this.findStatus = page.locator('[data-find-state]');
  }

  /**
   * Opens the run's page and waits until its keys and buttons are heard and its stream is connected, or has ended.
   * `address` is what follows the path: `?level=error`, `#L42`.
   */
  async open(url: string, runId: string, address = ''): Promise<void> {
    await this.visit(url, runId, address);
    // Looked at with every frame: an expectation is looked at ever more seldom, and most pages are opened for a test each.
    await this.page.waitForFunction(
      () => document.querySelector('[data-stream-state="live"], [data-stream-state="ended"]') !== null,
      undefined,
      { timeout: CONNECT_MS },
    );
    await untilIdle(this.page);
  }

  /** Opens the run's page as the server renders it; without scripts that is all there is. */
  async visit(url: string, runId: string, address = ''): Promise<void> {
    await this.page.goto(`${url}/job-runs/${runId}${address}`);
  }

  row(line: number): Locator {
    return this.list.locator(`[data-line="${line}"]`);
  }

  /** The number of the first line of which something is in sight. */
  async firstInSight(): Promise<number> {
    return this.list.evaluate((list) => {
      const { top } = list.getBoundingClientRect();
      const rows = [...list.querySelectorAll('[data-line]')];
      return Number(rows.find((row) => row.getBoundingClientRect().bottom > top + 1)?.getAttribute('data-line'));
    });
  }

  /** Numbers of the lines that are in the page, in order. */
  async numbers(): Promise<number[]> {
    return this.list
      .locator('[data-line]')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-line'))));
  }

  /** Rows that are in the page and hold the text. */
  rowsWith(text: string | RegExp): Locator {
    return this.list.locator('[data-line]').filter({ hasText: text });
  }

  /** Turns the wheel over the list, as a reader does; negative is up. */
  async wheel(pixels: number): Promise<void> {
    await this.list.hover();
    await this.page.mouse.wheel(0, pixels);
  }

  /**
   * Lines 1 to `last`, read by scrolling through them. Throws where two rows that stand beneath each other are not
   * consecutive lines, or where the list ends before `last`.
   */
  async readAll(last: number): Promise<ShownLine[]> {
    await this.list.focus();
    await this.page.keyboard.press('Home');
    await this.row(1).waitFor();
    return this.list.evaluate(readByScrolling, { last, patienceMs: PATIENCE_MS });
  }
}

/** The next page of lines is there by then. */
const PATIENCE_MS = 10_000;

/** Runs in the page. */
async function readByScrolling(
  list: HTMLElement,
  { last, patienceMs }: { last: number; patienceMs: number },
): Promise<ShownLine[]> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const read = new Map<number, ShownLine>();
  let newest = 0;
  let advancedAt = performance.now();
  list.scrollTop = 0;
  while (newest < last) {
    // One frame for the scroll event, one for what React renders after it.
    await frame();
    await frame();
    const rows = [...list.querySelectorAll<HTMLElement>('[data-line]')].map((row) => ({
      number: Number(row.dataset.line),
      stream: row.dataset.stream ?? '',
      text: row.querySelector('.log-message')?.textContent ?? '',
    }));
    for (const [index, row] of rows.entries()) {
      const above = rows[index - 1];
      if (above && row.number !== above.number + 1) throw new Error(`line ${row.number} follows line ${above.number}`);
      read.set(row.number, row);
    }
    const reached = rows.at(-1)?.number ?? 0;
    if (reached > newest) advancedAt = performance.now();
    else if (performance.now() - advancedAt > patienceMs) throw new Error(`the list ends at line ${newest}`);
    newest = Math.max(newest, reached);
    list.scrollTop += list.clientHeight;
  }
  return [...read.values()].sort((a, b) => a.number - b.number);
}
