import { say } from './say.mjs';

const suites = ['catalogue', 'basket', 'search', 'accounts', 'mail'];
await say(['\x1b[1mRunning 214 tests\x1b[0m in 6 files']);
for (const name of suites) {
  await say([`\x1b[32m PASS \x1b[0m tests/${name}.test.ts (${20 + name.length} tests)`], 350);
}
if (process.env.ATTEMPT === '1') {
  await say([`\x1b[41;97m FAIL \x1b[0m tests/checkout.test.ts › charges the card once`]);
  await say(
    [
      'AssertionError: expected 2 charges to equal 1',
      '    at chargesOnce (/shop/tests/checkout.test.ts:48:27)',
      '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
      '    at async runTest (/shop/node_modules/runner/lib/run.js:211:9)',
      '    at async Suite.run (/shop/node_modules/runner/lib/suite.js:87:5)',
      'Caused by: TimeoutError: payment gateway did not answer within 2000 ms',
      '    at Timeout.onTimeout (/shop/src/payments/gateway.ts:131:14)',
    ],
    60,
    process.stderr,
  );
  await say(['\x1b[31m1 failed\x1b[0m, 213 passed']);
  process.exit(1);
}
await say(['\x1b[32m PASS \x1b[0m tests/checkout.test.ts (31 tests)', '\x1b[32m214 passed\x1b[0m in 4.8 s']);
