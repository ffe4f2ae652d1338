import { expect, type Page } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** A search over more lines than it looks through at once, and with more matches than it holds at once. */

const RUN = 'search-limit';
const LINES = 130_000;
const LINES_PER_POST = 26_000;
/** Matches after which a search stops until it is told to go on. */
const HITS_MAX = 100_000;

const LONG_RUN = 'search-progress';
const LONG_LINES = 260_000;
/** Between them a search says how far it is, however large the pieces are that it looks through. */
const NEEDLES = [17, 255_000];

let server: StratalServer;

async function fill(run: string, lines: number, needles: readonly number[]): Promise<void> {
  for (let first = 1; first <= lines; first += LINES_PER_POST) {
    const texts = Array.from({ length: LINES_PER_POST }, (_, index) =>
      needles.includes(first + index) ? `needle ${first + index}` : `straw ${first + index}`,
    );
    await postLines(server.url, run, texts);
  }
}

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await StratalServer.start();
  await fill(RUN, LINES, []);
  await fill(LONG_RUN, LONG_LINES, NEEDLES);
});

test.afterAll(async () => {
  await server.close();
});

/** Holds a search's answer back after each word of its progress; what is returned lets it go on from there, for good. */
async function holdAtProgress(page: Page): Promise<() => void> {
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.exposeFunction('mayPassProgress', () => isReleased);
  await page.addInitScript(() => {
    const { fetch } = window;
    window.fetch = async (...request) => {
      const answer = await fetch(...request);
      if (!answer.body || !new URL(answer.url).pathname.endsWith('/search')) return answer;
      let rest = '';
      const held = new TransformStream<string, string>({
        async transform(piece, controller) {
          const lines = `${rest}${piece}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            controller.enqueue(`${line}\n`);
            if (line.startsWith('{"progress"')) await Reflect.get(window, 'mayPassProgress')();
          }
        },
      });
      const body = answer.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(held)
        .pipeThrough(new TextEncoderStream());
      return new Response(body, answer);
    };
  });
  return () => release();
}

test('a search on its way tells how many it has found and how far it has looked', async ({ page }) => {
  const release = await holdAtProgress(page);
  const log = new LogPage(page);
  await log.open(server.url, LONG_RUN, '?find=needle');
  await expect(log.findStatus).toContainText(/1 match….*looked through [\d.]+K of 260K lines/);
  await expect(log.findStatus).toHaveAttribute('data-find-state', 'searching');
  // What is found can be gone to meanwhile.
  await log.findText.press('Enter');
  await expect(log.row(17)).toBeInViewport();
  await expect(log.findStatus).toContainText('1 of 1…');
  release();
  await expect(log.findStatus).toHaveAttribute('data-find-state', 'done');
  await expect(log.findStatus).toContainText(/^1 of 2/);
});

test('a search with very many matches stops, says where, takes no lines that arrive, and goes on where it is told to', async ({
  page,
}) => {
  const log = new LogPage(page);
  const goOn = page.getByRole('button', { name: 'Go on' });
  await log.open(server.url, RUN, '?find=straw');
  await expect(log.findStatus).toHaveAttribute('data-find-state', 'limited');
  await expect(log.findStatus).toHaveText(/^100,000 matches.*Stopped after 100,000 matches, at line 100,000$/);

  await postLines(server.url, RUN, ['straw that arrives']);
  await expect(log.row(LINES + 1)).toBeInViewport();
  await expect(log.findStatus).toHaveAttribute('data-find-count', String(HITS_MAX));

  // A step is not kept from what lies behind the stop.
  await log.findText.press('Shift+Enter');
  await expect(log.list.locator('[data-hit]')).toHaveAttribute(
    'data-line',
    new RegExp(`^${LINES.toString().slice(0, 3)}`),
  );
  await expect(log.list.locator('[data-hit]')).toBeInViewport();
  await expect(log.findStatus).toHaveAttribute('data-find-count', String(HITS_MAX));
  await expect(goOn).toBeVisible();

  await goOn.click();
  await expect(log.findStatus).toHaveAttribute('data-find-state', 'done');
  await expect(goOn).toHaveCount(0);
  const all = LINES + 1;
  await expect(log.findStatus).toHaveAttribute('data-find-count', String(all));
  await expect(page.locator(`[data-marks="${all}"]`)).toBeVisible();
  await postLines(server.url, RUN, ['straw that arrives later']);
  await expect(log.findStatus).toHaveAttribute('data-find-count', String(all + 1));
});
