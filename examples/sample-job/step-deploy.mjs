import { bold, dim, green, pause, say, yellow } from './terminal.mjs';

const pods = ['shop-6b8f-2xk9p', 'shop-6b8f-7qw4d', 'shop-6b8f-m5n2z'];

await say([
  dim('$ kubectl set image deployment/shop shop=registry.example.com/corner-shop:4.18.0'),
  'deployment.apps/shop image updated',
]);
for (const [index, pod] of pods.entries()) {
  await pause(900);
  console.log(`${bold(pod)} starting`);
  if (index === 1) {
    console.error(yellow(`Warning: ${pod}: readiness probe failed: connect ECONNREFUSED 10.2.4.17:3000`));
    await pause(1100);
  }
  await pause(700);
  console.log(`level=info msg="listening" pod=${pod} port=3000 version=4.18.0 started_in=${640 + index * 85}ms`);
  console.log(`${bold(pod)} ${green('ready')} (${index + 1} of ${pods.length})`);
}
await say([green('deployment "shop" successfully rolled out')]);
