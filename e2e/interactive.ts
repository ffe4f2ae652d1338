import { expect, type Locator, type Page } from '@playwright/test';

/** What a page that never rests waits for an idle moment. */
const IDLE_WAIT_MS = 2000;

/**
 * Waits until the browser has nothing left to do, or a page that never rests has had its time: React hydrates in steps,
 * and listens to keys only after the last one, so a key that follows a hydrated button too closely is nobody's.
 */
export async function untilIdle(page: Page): Promise<void> {
  await page.evaluate(
    (timeout) => new Promise<void>((resolve) => requestIdleCallback(() => resolve(), { timeout })),
    IDLE_WAIT_MS,
  );
}

/** Lets so many frames pass: what a page does with an answer or an event is done within the next ones. */
export async function passFrames(page: Page, count: number): Promise<void> {
  for (let frame = 0; frame < count; frame++) await page.evaluate(() => new Promise(requestAnimationFrame));
}

/** Waits until React has taken over what the server rendered: before that, a click or a key is nobody's. */
export async function untilInteractive(control: Locator): Promise<void> {
  const isHydrated = () =>
    control.evaluate((element) => Object.keys(element).some((name) => name.startsWith('__reactProps')));
  await expect.poll(isHydrated).toBe(true);
  await untilIdle(control.page());
}
