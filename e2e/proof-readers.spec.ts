import { expect, test } from '@playwright/test';
import { planReaders } from './proof/reader-plan';
import { soakReaders } from './proof/readers';

/** The short form of `npm run soak -- readers`. */
test('readers of every kind see what is stored, line by line, over cuts, stalls and a killed server', async () => {
  test.setTimeout(120_000);
  const log = (text: string) => void test.info().annotations.push({ type: 'soak', description: text });
  const options = { seed: 20_261, lines: 10_000, readers: 14, cuts: 40, kills: 1, stallMs: 1000, log };
  const { rows, violations } = await soakReaders(options);
  expect(violations).toEqual([]);
  expect(rows.reduce((sum, { resets }) => sum + resets, 0)).toBe(0);
  expect(rows.map(({ lines }) => lines)).not.toContain(0);
  expect(rows.filter(({ filtered }) => filtered > 0).length).toBeGreaterThan(3);
});

test('the full soak has readers of each kind without a filter and with each of the filters', () => {
  const filtersOf = new Map<string, Set<string>>();
  for (const { kind, filter } of planReaders(60)) {
    const filters = filtersOf.get(kind.name) ?? new Set();
    filtersOf.set(kind.name, filters.add(Object.keys(filter?.query ?? {}).join() || 'none'));
  }
  expect([...filtersOf.keys()]).toHaveLength(9);
  for (const [kind, filters] of filtersOf) expect([...filters].sort(), kind).toEqual(['level', 'none', 'q']);
});
