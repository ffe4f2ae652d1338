// `npm run dev`: the server from its sources, with Next's hot reloading of pages. Server code is read at the start only.
import { ensureInstalled } from './ensure-installed.mjs';
import { ROOT } from './run-program.mjs';

await ensureInstalled();
process.chdir(ROOT);
process.env.NODE_ENV = 'development';
process.env.NEXT_TELEMETRY_DISABLED ??= '1';
const { register } = await import('tsx/esm/api');
register();
await import('../server.ts');
