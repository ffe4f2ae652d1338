import { delay, progress, say } from './say.mjs';

/** What services write: one JSON object a line. */
function record(level, msg, fields) {
  return JSON.stringify({ level, time: new Date().toISOString(), service: 'deployer', msg, ...fields });
}

const regions = ['eu-central', 'us-east', 'ap-south'];
await say([record('info', 'deployment started', { version: '2.41.0', regions: regions.length })]);
await progress('uploading image', 36, 120);
for (const region of regions) {
  await say([record('info', 'rolling out', { region, replicas: 4 })]);
  for (let ready = 1; ready <= 4; ready++) {
    await delay(650);
    await say([record('debug', 'replica ready', { region, ready, of: 4, took_ms: 400 + ready * 37 })]);
  }
  if (region === 'us-east') {
    await say([record('warn', 'replica restarted once', { region, reason: 'readiness probe timed out' })]);
  }
}
await say([
  record('info', 'health check passed', { status: 200, latency_ms: 38 }),
  '\x1b[1;32mDeployed 2.41.0\x1b[0m to https://shop.example.org',
]);
