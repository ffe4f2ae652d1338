import { test as base, expect } from '@playwright/test';
import { watchFaults } from './page-faults';

interface Watched {
  /** The test takes the server or the network away, which browsers report as errors. */
  outages: boolean;
  /** What must not happen on any page: a test whose page causes one on purpose takes it out. */
  faults: string[];
}

/** Tests with a page, which fail where something happens in it that must not on any page. */
export const test = base.extend<Watched>({
  outages: [false, { option: true }],
  faults: [
    async ({ page, outages }, use) => {
      const faults = watchFaults(page, { outages });
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});
