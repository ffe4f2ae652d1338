import { existsSync } from 'node:fs';
import { benchCodec } from './codec';
import { benchFanOut } from './fan-out';
import { benchIngest } from './ingest';
import { benchReading } from './reading';
import { benchStorage } from './storage';

/** `npm run bench [-- ingest fan-out storage reading codec]`: prints a table each. Needs a build. */
const BENCHES: Record<string, () => void | Promise<void>> = {
  ingest: benchIngest,
  'fan-out': benchFanOut,
  storage: benchStorage,
  reading: benchReading,
  codec: benchCodec,
};

if (!existsSync('dist/server.mjs')) {
  console.error('Build first: npm run build');
  process.exit(1);
}
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(BENCHES)) if (wanted.length === 0 || wanted.includes(name)) await bench();
