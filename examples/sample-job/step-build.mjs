import { progress, say } from './say.mjs';

const modules = ['catalogue', 'basket', 'checkout', 'accounts', 'search', 'mail'];
await say(['::group::Compile']);
for (const name of modules) {
  await say([
    `::group::${name}`,
    `\x1b[34mtsc\x1b[0m packages/${name}/tsconfig.json`,
    `  \x1b[2msrc/index.ts → dist/index.js\x1b[0m  ${3 + name.length} kB`,
    '::endgroup::',
  ]);
}
await say(['::endgroup::', '::group::Bundle']);
await progress('bundling', 30, 110);
await say([
  `\x1b[32m✓\x1b[0m app.js      \x1b[1m214.2 kB\x1b[0m │ gzip: 68.1 kB`,
  `\x1b[32m✓\x1b[0m vendor.js   \x1b[1m388.9 kB\x1b[0m │ gzip: 121.7 kB`,
  `\x1b[32m✓\x1b[0m style.css   \x1b[1m 41.0 kB\x1b[0m │ gzip: 9.3 kB`,
]);
await say(['warning: vendor.js is larger than 300 kB; consider splitting it'], 100, process.stderr);
await say(['::endgroup::']);
