import { expect, type Locator } from '@playwright/test';

/** Waits until React has taken over what the server rendered: before that, a click or a key is nobody's. */
export async function untilInteractive(control: Locator): Promise<void> {
  const isHydrated = () =>
    control.evaluate((element) => Object.keys(element).some((name) => name.startsWith('__reactProps')));
  await expect.poll(isHydrated).toBe(true);
}
