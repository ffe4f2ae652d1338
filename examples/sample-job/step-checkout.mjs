import { dim, group, progress, say } from './terminal.mjs';

await group('Fetch the repository', async () => {
  await say([
    dim('$ git clone --filter=blob:none https://git.example.com/shop/corner-shop.git'),
    "Cloning into 'corner-shop'...",
  ]);
  await progress('Receiving objects', 18_342, 'objects', 2200);
  await progress('Resolving deltas ', 9_120, 'deltas', 900);
});
await say([
  dim('$ git checkout --progress main'),
  "Branch 'main' set up to track remote branch 'main' from 'origin'.",
  'HEAD is now at 7c1f04e Round the basket total once, at its end (#812)',
]);
