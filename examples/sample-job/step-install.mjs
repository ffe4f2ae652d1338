import { bold, dim, green, group, progress, say, yellow } from './terminal.mjs';

await say([dim('$ npm ci')]);
await group('Packages', async () => {
  await progress('Resolving  ', 612, 'packages', 1500);
  await progress('Downloading', 214, 'packages', 3000);
  console.error(`${yellow('npm warn')} deprecated querystring@0.2.1: use URLSearchParams instead`);
  await group('Native modules', async () => {
    await say(['sharp@0.34.4: using the prebuilt binary for linux-x64', 'argon2@0.44.0: compiling'], 600);
    console.error('warning: argon2.cc:88: unused parameter ‘env’ [-Wunused-parameter]');
    await say(['argon2@0.44.0: done in 1.9 s'], 300);
  });
});
await say([`added ${bold('612')} packages in 7s`, green('found 0 vulnerabilities')]);
