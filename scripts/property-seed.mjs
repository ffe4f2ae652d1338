// Loaded before the tests of `npm test`: properties see the same random input each time, so that a change is not refused
// for what another one left behind. STRATAL_TEST_SEED=7 tries another; a test file run by itself draws its own.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.STRATAL_TEST_SEED ?? 20_261_123) });
