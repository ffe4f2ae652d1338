import { say } from './say.mjs';

await say([
  '\x1b[1mCloning\x1b[0m shop at main',
  'remote: Enumerating objects: 18412, done.',
  'remote: Counting objects: 100% (18412/18412), done.',
  'Receiving objects: 100% (18412/18412), 24.31 MiB | 31.07 MiB/s, done.',
  'Resolving deltas: 100% (11290/11290), done.',
  "HEAD is now at 8c1f2ab Show the basket's total before checkout",
]);
await say(['hint: using the cached copy of the submodule assets'], 80, process.stderr);
