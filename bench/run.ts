import { existsSync } from 'node:fs';
import { benchCodec } from './codec';
import { benchFanOut } from './fan-out';
import { benchGroupTitles } from './group-titles';
import { benchGrowth } from './growth';
import { benchIngest } from './ingest';
import { benchLatency } from './latency';
import { benchMemory } from './memory';
import { benchMergeDelay } from './merge-delay';
import { type BenchOptions, parseBenchArguments } from './options';
import { printProfiles } from './profile';
import { benchReading } from './reading';
import { benchStorage } from './storage';
import { benchFollowing } from './viewer/following';
import { benchViewer } from './viewer/viewer';

/** `npm run bench [-- NAME … --OPTION=VALUE …]`: prints tables. Needs a build. Options: bench/options.ts. */
const BENCHES: Record<string, (options: BenchOptions) => void | Promise<void>> = {
  ingest: benchIngest,
  latency: benchLatency,
  'fan-out': benchFanOut,
  memory: benchMemory,
  growth: benchGrowth,
  storage: benchStorage,
  'merge-delay': benchMergeDelay,
  reading: benchReading,
  viewer: benchViewer,
  following: benchFollowing,
  codec: benchCodec,
  'group-titles': benchGroupTitles,
};

if (!existsSync('dist/server.mjs')) {
  console.error('Build first: npm run build');
  process.exit(1);
}
const { names: wanted, options } = parseBenchArguments(process.argv.slice(2));
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES))
  if (wanted.length === 0 || wanted.includes(name)) await bench(options);
if (options.profile !== undefined) printProfiles(options.profile);
