import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seesJob } from './visible-jobs';

test('shows a job whose name fits a pattern, and no other', () => {
  assert.equal(seesJob('all', 'anything'), true);
  assert.equal(seesJob([], 'anything'), false);
  assert.equal(seesJob(['nightly-*'], 'nightly-build'), true);
  assert.equal(seesJob(['nightly-*'], 'my-nightly-build'), false);
  assert.equal(seesJob(['*-build', 'deploy'], 'deploy'), true);
  assert.equal(seesJob(['deploy'], 'deploy-2'), false);
  assert.equal(seesJob(['a*a'], 'a'), false, 'one letter is not both ends');
  assert.equal(seesJob(['100%'], '100 percent'), false);
});

test('agrees with the pattern as a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const source = pattern.split('*').join('[^]*');
      assert.equal(seesJob([pattern], name), new RegExp(`^${source}$`).test(name));
    }),
  );
});
