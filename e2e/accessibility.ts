import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { passFrames } from './interactive';

/** What axe finds on the page as it is now, of any impact: the rule and the elements that break it. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  // A theme that was just changed is drawn by the next frames.
  await passFrames(page, 2);
  // Stylesheets of another origin cannot be fetched, which only rules need that are off. What holds is not told, and the sum is made in the
  // page itself instead of in a new one: two thirds of the time.
  const options = { preload: false, resultTypes: ['violations' as const] };
  const { violations } = await new AxeBuilder({ page }).options(options).setLegacyMode(true).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
