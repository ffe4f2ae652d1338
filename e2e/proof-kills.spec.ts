import { expect, test } from '@playwright/test';
import { soakKills } from './proof/kills';

/** The short form of `npm run soak -- kills`: every victim once, of the server at a merge, a removal and a deletion by retention. */
test('what was acknowledged is there once after kills of servers, Postgres and producers', async () => {
  // Far longer than it takes: where points are met late or never, in any round and attempt, the rounds say so and not this time.
  test.setTimeout(1_200_000);
  const outcomes = await soakKills({ seed: 20_561, rounds: 6 });
  expect(outcomes.flatMap(({ broken }) => broken)).toEqual([]);
  const points = outcomes.filter(({ isMet }) => isMet).map(({ point }) => point);
  expect(points).toEqual(expect.arrayContaining(['merge', 'removal', 'deletion']));
});
