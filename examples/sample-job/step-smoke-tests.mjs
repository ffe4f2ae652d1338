import { dim, green, pause, red, say, yellow } from './terminal.mjs';

const checks = [
  ['GET', '/', 200, 41],
  ['GET', '/products/blue-mug', 200, 67],
  ['POST', '/basket', 201, 88],
  ['POST', '/checkout', 502, 1204],
  ['POST', '/checkout', 201, 311],
  ['GET', '/health', 200, 12],
];

await say([dim('$ node smoke.mjs https://shop.example.com')]);
for (const [method, path, status, ms] of checks) {
  await pause(500);
  const mark = status < 400 ? green(status) : red(status);
  console.log(`${mark} ${method.padEnd(4)} https://shop.example.com${path} ${dim(`${ms} ms`)}`);
  if (status < 400) continue;
  console.error(yellow('Warning: 502 from the gateway, trying again in 1 s'));
  console.error(
    'FetchError: upstream sent no answer\n    at request (file:///build/smoke.mjs:18:11)\n    at async check (file:///build/smoke.mjs:40:20)',
  );
  await pause(1000);
}
await say([green('✓ all checks passed')]);
