import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import puppeteer, { type Browser, type KeyInput, type Page } from 'puppeteer-core';
import { findFirefox } from '@/scripts/find-firefox.mjs';
import type { ShownLine } from './log-page';

const executablePath = findFirefox();

/** For a test's `skip`: why there is no Firefox to test with, undefined where there is one. */
export const firefoxAbsence: string | undefined =
  executablePath === undefined ? 'Firefox is not installed: apt-get install firefox-esr' : undefined;

/** A first start on a busy machine reads all of Firefox from the disk. */
const START_MS = 120_000;
const WAIT_MS = 20_000;
const FRAMES_AT_REST = 5;

const LIST = '[role="log"]';

/**
 * A run's page in the system's Firefox, as a reader uses it. Playwright drives only a Firefox of its own; this one
 * speaks WebDriver BiDi.
 */
export class FirefoxPage {
  readonly page: Page;
  /** Exceptions and console errors since it was opened. */
  readonly faults: string[] = [];
  readonly #browser: Browser;
  readonly #home: string;

  private constructor(browser: Browser, page: Page, home: string) {
    this.#browser = browser;
    this.page = page;
    this.#home = home;
    page.on('pageerror', (error) => this.faults.push(`exception: ${String(error)}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(`console: ${message.text()}`);
    });
  }

  /** A browser with one page of that size in CSS pixels. */
  static async start({ width = 1280, height = 720 }: { width?: number; height?: number } = {}): Promise<FirefoxPage> {
    // Firefox writes into its user's home, which a test may not have.
    const home = await mkdtemp(path.join(tmpdir(), 'stratal-firefox-'));
    const browser = await puppeteer.launch({
      browser: 'firefox',
      ...(executablePath !== undefined && { executablePath }),
      headless: true,
      timeout: START_MS,
      protocolTimeout: START_MS,
      env: { ...process.env, HOME: home },
    });
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.setViewport({ width, height });
    return new FirefoxPage(browser, page, home);
  }

  /** Ends the browser and removes what it has written. */
  async close(): Promise<void> {
    await this.#browser.close();
    await rm(this.#home, { recursive: true, force: true });
  }

  /** Opens the run's page and waits until its stream is connected, or has ended; `hash` names a line: `#L42`. */
  async open(url: string, runId: string, hash = ''): Promise<void> {
    // A change of the hash alone would load nothing.
    await this.page.goto('about:blank');
    await this.page.goto(`${url}/job-runs/${runId}${hash}`, { waitUntil: 'domcontentloaded' });
    await this.waitFor(':is([data-stream-state="live"], [data-stream-state="ended"])');
  }

  /** Makes the address link to a line, as a click on such a link does: `#L42`. */
  async setHash(hash: string): Promise<void> {
    await this.page.evaluate((wanted) => {
      location.hash = wanted;
    }, hash);
  }

  /** Presses one key with the log in focus. */
  async press(key: KeyInput): Promise<void> {
    await this.page.focus(LIST);
    await this.page.keyboard.press(key);
  }

  /** Types where the focus is. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Presses Enter where the focus is. */
  async enter(): Promise<void> {
    await this.page.keyboard.press('Enter');
  }

  /** Drags on the scroll bar; places are parts of its length. */
  async dragScrollbar({ from, to }: { from: number; to: number }): Promise<void> {
    const box = await (await this.page.$('[role="scrollbar"]'))?.boundingBox();
    if (!box) throw new Error('the scroll bar is not in sight');
    const x = box.x + box.width / 2;
    const yOf = (part: number) => box.y + 1 + part * (box.height - 2);
    await this.page.mouse.move(x, yOf(from));
    await this.page.mouse.down();
    await this.page.mouse.move(x, yOf((from + to) / 2));
    await this.page.mouse.move(x, yOf(to));
    await this.page.mouse.up();
  }

  /** Turns the wheel over the log; negative is up. */
  async wheel(pixels: number): Promise<void> {
    const box = await (await this.page.$(LIST))?.boundingBox();
    if (!box) throw new Error('the log is not in sight');
    await this.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await this.page.mouse.wheel({ deltaY: pixels });
  }

  /** Waits until the line stands whole within the log and the window. */
  async waitForLine(line: number): Promise<void> {
    await this.#wait(`${LIST} [data-line="${line}"]`, LIST);
  }

  /** Waits until an element is in the page. */
  async waitFor(selector: string): Promise<void> {
    await this.#wait(selector);
  }

  /** Puppeteer's own waiting is an `eval` in the page, which our content security policy forbids. */
  async #wait(selector: string, frame?: string): Promise<void> {
    const isThere = await this.page.evaluate(waitInPage, selector, frame, WAIT_MS);
    if (!isThere) throw new Error(`${selector} was not ${frame === undefined ? 'there' : 'in sight'} in ${WAIT_MS} ms`);
  }

  /** Lines whose rows are in the page, in sight or near it. */
  async rows(): Promise<ShownLine[]> {
    return this.page.$$eval(`${LIST} [data-line]`, (rows) =>
      rows.map((row) => ({
        number: Number(row.getAttribute('data-line')),
        stream: row.getAttribute('data-stream') ?? '',
        text: row.querySelector('.log-message')?.textContent ?? '',
      })),
    );
  }

  /** Pixels from the top of the log to a line; NaN where its row is not in the page. */
  async topOf(line: number): Promise<number> {
    return this.page.evaluate(
      (list, row) => {
        const top = (selector: string) => document.querySelector(selector)?.getBoundingClientRect().top ?? Number.NaN;
        return top(row) - top(list);
      },
      LIST,
      `${LIST} [data-line="${line}"]`,
    );
  }

  /** The number of the first line of which something is in sight. */
  async firstInSight(): Promise<number> {
    return this.page.$eval(LIST, (list) => {
      const { top } = list.getBoundingClientRect();
      const row = [...list.querySelectorAll('[data-line]')].find(
        (line) => line.getBoundingClientRect().bottom > top + 1,
      );
      return Number(row?.getAttribute('data-line'));
    });
  }

  /** The first line in sight and its distance from the top of the log, in pixels, once the log has stood still for some frames. */
  async placeAtRest(): Promise<{ line: number; top: number }> {
    for (let seen = await this.#place(), same = 0; ; ) {
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      const now = await this.#place();
      same = now.line === seen.line && now.top === seen.top ? same + 1 : 0;
      if (same === FRAMES_AT_REST) return now;
      seen = now;
    }
  }

  async #place(): Promise<{ line: number; top: number }> {
    const line = await this.firstInSight();
    return { line, top: await this.topOf(line) };
  }

  /** Of the log, in CSS pixels. */
  async listWidth(): Promise<number> {
    return this.page.$eval(LIST, (list) => list.clientWidth);
  }

  /** The text of an element, empty where it is not there. */
  async textOf(selector: string): Promise<string> {
    return this.page.evaluate((wanted) => document.querySelector(wanted)?.textContent ?? '', selector);
  }

  /** Makes the window so many CSS pixels wide. */
  async setWidth(width: number): Promise<void> {
    await this.page.setViewport({ width, height: 720 });
  }

  /** Text of the rows that a link marks. */
  async markedTexts(): Promise<string[]> {
    return this.page.$$eval(`${LIST} [data-selected] .log-message`, (rows) => rows.map((row) => row.textContent ?? ''));
  }
}

/** Runs in the page: false when the element was not there in time, whole within the frame and the window if one is named. */
async function waitInPage(selector: string, frame: string | undefined, patienceMs: number): Promise<boolean> {
  const isInSight = () => {
    const element = document.querySelector(selector);
    if (!element || frame === undefined) return element !== null;
    const outer = document.querySelector(frame)?.getBoundingClientRect();
    const { top, bottom } = element.getBoundingClientRect();
    // Half a pixel is rounding.
    return (
      outer !== undefined && top >= Math.max(0, outer.top) - 0.5 && bottom <= Math.min(innerHeight, outer.bottom) + 0.5
    );
  };
  const end = performance.now() + patienceMs;
  while (!isInSight()) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return true;
}
