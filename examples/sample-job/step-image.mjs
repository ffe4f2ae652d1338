import { blue, dim, group, pause, progress, say } from './terminal.mjs';

await say([dim('$ docker buildx build --tag registry.example.com/corner-shop:4.18.0 .')]);
await group('Build', async () => {
  await group('base image', async () => {
    await say([blue('#1 [internal] load build definition from Dockerfile'), '#1 DONE 0.1s'], 200);
    await progress('#2 sha256:9d2f…e41c', 31, 'MB', 1600);
    await say(['#2 extracting sha256:9d2f…e41c 0.8s done'], 200);
  });
  await group('application', async () => {
    await say([blue('#3 COPY package.json package-lock.json ./'), '#3 CACHED', blue('#4 RUN npm run build')], 300);
    for (const [route, size] of [
      ['/', '4.1 kB'],
      ['/basket', '11.8 kB'],
      ['/checkout', '18.3 kB'],
      ['/products/[slug]', '9.6 kB'],
    ]) {
      await pause(450);
      console.log(`#4 ${dim('4.812')} ○ ${route.padEnd(20)} ${size.padStart(8)}`);
    }
    console.error('#4 5.930 (!) Some chunks are larger than 500 kB: dist/assets/map-4f1c.js (612 kB)');
    await say(['#4 DONE 6.4s'], 200);
  });
});
await group('Push', () => progress('pushing layers', 118, 'MB', 2200));
