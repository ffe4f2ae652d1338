import { pathToFileURL } from 'node:url';
import { type Guarded, guarded, openTab } from './chromium';

export interface PlainText {
  /** From navigation until text is in sight. */
  firstMs: number;
  /** From navigation until all is read and the page is scrolled to its end. */
  endMs: number;
  /** Lines down to the end of the scroll bar; an element's height ends near 33 million pixels. */
  reachable: number;
}

/** A text file opened in Chromium's own viewer. */
export async function openAsText(
  file: string,
  limits: { seconds: number; bytes: number },
): Promise<Guarded<PlainText>> {
  const tab = await openTab(noteFirstText);
  try {
    return await guarded(tab, limits, async () => {
      await tab.page.goto(pathToFileURL(file).href, { waitUntil: 'load', timeout: 0 });
      return tab.page.evaluate(scrollToEnd);
    });
  } finally {
    await tab.close();
  }
}

/** Runs in the page, before the document. */
function noteFirstText(): void {
  const look = () => {
    if ((document.querySelector('pre')?.firstChild?.nodeValue?.length ?? 0) > 0)
      document.documentElement.dataset.firstMs = `${performance.now()}`;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Runs in the page. */
async function scrollToEnd(): Promise<PlainText> {
  const root = document.documentElement;
  window.scrollTo(0, root.scrollHeight);
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const pre = document.querySelector('pre');
  const text = pre?.firstChild;
  if (!pre || !text) throw new Error('there is no text');
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, 1);
  const lineHeight = range.getBoundingClientRect().height;
  return {
    firstMs: Number(root.dataset.firstMs),
    endMs: performance.now(),
    reachable: Math.floor(root.scrollHeight / lineHeight),
  };
}
