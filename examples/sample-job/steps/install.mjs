import { progress, say } from './say.mjs';

await say(['::group::Install packages', '\x1b[2m$ npm ci\x1b[0m']);
await progress('fetching', 40, 90);
await say(
  [
    'npm warn deprecated glob@7.2.3: this version is no longer supported',
    'npm warn deprecated inflight@1.0.6: this module leaks memory',
  ],
  200,
  process.stderr,
);
await say(['added 812 packages in 6s', '\x1b[32m142 packages are looking for funding\x1b[0m', '::endgroup::']);
