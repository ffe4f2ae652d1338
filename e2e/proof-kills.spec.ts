import { expect, test } from '@playwright/test';
import { soakKills } from './proof/kills';

/** The short form of `npm run soak -- kills`: each victim once. What was broken is printed. */
test('what was acknowledged is there once after kills of servers, Postgres and producers', async () => {
  test.setTimeout(240_000);
  expect(await soakKills({ seed: 20_263, rounds: 6 })).toBe(true);
});
