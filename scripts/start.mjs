// `npm start`: installs and builds what is missing or changed, then is the server itself. The server runs in this very
// process, so that signals and the exit code need no forwarding.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfChanged } from './build.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { ROOT } from './run-program.mjs';

await ensureInstalled();
if (await buildIfChanged()) {
  process.chdir(ROOT);
  process.env.NODE_ENV = 'production';
  process.env.NEXT_TELEMETRY_DISABLED ??= '1';
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(ROOT, 'dist', 'server.mjs')).href);
} else {
  console.error('Stratal was not built, for the reasons above, so it does not start.');
  process.exitCode = 1;
}
