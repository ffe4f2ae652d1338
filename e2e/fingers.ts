import type { Locator, Page } from '@playwright/test';
import { passFrames } from './interactive';

interface Point {
  x: number;
  y: number;
}

const STEPS = 10;

/** A place in an element, as fractions of its width and height. */
export async function pointIn(element: Locator, across: number, down: number): Promise<Point> {
  const box = await element.boundingBox();
  if (!box) throw new Error('what is to be touched is not in sight');
  return { x: box.x + box.width * across, y: box.y + box.height * down };
}

/**
 * Draws a finger from one place to another. It rests before it leaves, so that a list does not glide on: the next tap would
 * only stop that.
 */
export async function drawFinger(page: Page, from: Point, to: Point): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [from] });
  for (let step = 1; step <= 2 * STEPS; step++) {
    const part = Math.min(step, STEPS) / STEPS;
    const touchPoints = [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }];
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints });
    await passFrames(page, 1);
  }
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}
