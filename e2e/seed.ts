/**
 * The seed of random input, the same each time so that a failure is seen again. Another: STRATAL_TEST_SEED=7; more cases:
 * STRATAL_TEST_CASES=20, as a factor.
 */
const SEED = Number(process.env.STRATAL_TEST_SEED ?? 20_261_123);

/** How often a property is tried. */
export function cases(usual: number): { seed: number; numRuns: number } {
  return { seed: SEED, numRuns: Math.ceil(usual * Number(process.env.STRATAL_TEST_CASES ?? 1)) };
}
