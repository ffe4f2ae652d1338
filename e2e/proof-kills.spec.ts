import { expect, test } from '@playwright/test';
import { soakKills } from './proof/kills';

/** The short form of `npm run soak -- kills`: server and Postgres, a session at a merge, Postgres at a removal, `stratal run`. What was broken is printed. */
test('what was acknowledged is there once after kills of servers, Postgres and producers', async () => {
  test.setTimeout(240_000);
  expect(await soakKills({ seed: 20_561, rounds: 4 })).toBe(true);
});
