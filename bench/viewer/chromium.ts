import { type Browser, chromium, type Page } from '@playwright/test';
import { rssBytes } from '@/bench/process-usage';
import { findChromium } from '@/scripts/find-chromium.mjs';

const WINDOW = { width: 1280, height: 800 };
/** tsx wraps functions so that they keep their names; in the page there is nothing to wrap them with. */
const NAME_SHIM = 'globalThis.__name ??= (value) => value;';

/** A Chromium with one tab, under measurement; nothing else runs in it. */
export interface Tab {
  page: Page;
  /** Bytes of the JavaScript heap after garbage was collected. */
  heap(): Promise<number>;
  /** Resident bytes of the tab's process: the greatest of the browser's renderers. Linux. */
  rss(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a Chromium; `onStart` runs in each document before anything of its own. */
export async function openTab(onStart: () => void = () => {}): Promise<Tab> {
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: WINDOW });
  await page.addInitScript({ content: `${NAME_SHIM}(${onStart.toString()})();` });
  return { page, heap: () => heapBytes(page), rss: () => rendererBytes(browser), close: () => browser.close() };
}

async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  // A second pass takes what finalizers of the first have let go.
  for (let pass = 0; pass < 2; pass++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

async function rendererBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  return Math.max(0, ...renderers.map(({ id }) => rssOrNothing(id)));
}

/** A process may end between being named and being read. */
function rssOrNothing(pid: number): number {
  try {
    return rssBytes(pid);
  } catch {
    return 0;
  }
}

export interface Guarded<T> {
  /** Undefined when it was given up. */
  value?: T;
  /** Why it was given up. */
  gaveUp?: string;
  /** The most that the tab's process held meanwhile. */
  peakRss: number;
}

/** Does work in a tab as long as it keeps within `seconds` and `bytes` of resident memory; ends the tab's browser otherwise. */
export async function guarded<T>(
  tab: Tab,
  limits: { seconds: number; bytes: number },
  work: () => Promise<T>,
): Promise<Guarded<T>> {
  let peakRss = 0;
  let gaveUp: string | undefined;
  const end = Date.now() + limits.seconds * 1000;
  const looks = setInterval(async () => {
    peakRss = Math.max(peakRss, await tab.rss().catch(() => 0));
    if (gaveUp !== undefined) return;
    if (peakRss > limits.bytes) gaveUp = `over ${(limits.bytes / 1e9).toFixed(1)} GB`;
    else if (Date.now() > end) gaveUp = `over ${limits.seconds} s`;
    if (gaveUp !== undefined) await tab.close();
  }, 500);
  try {
    const value = await work();
    return { value, peakRss: Math.max(peakRss, await tab.rss()) };
  } catch (error) {
    const reason = gaveUp ?? (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    return { gaveUp: reason, peakRss };
  } finally {
    clearInterval(looks);
  }
}
