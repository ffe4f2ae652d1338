import { StratalError } from './errors/stratal-error';
import type { Runtime } from './runtime';

/**
 * How pages and route handlers reach the runtime that server.ts built: Next bundles them apart from server.ts, so a module
 * variable would be another one. The types alone come from runtime.ts.
 */
const KEY = Symbol.for('stratal.runtime');

export type { Runtime };

type Holder = { [KEY]?: Runtime };

export function setRuntime(runtime: Runtime | undefined): void {
  (globalThis as Holder)[KEY] = runtime;
}

/** The process's runtime; STRATAL_NO_RUNTIME where server.ts has not built it (a bare `next start`). */
export function getRuntime(): Runtime {
  const runtime = (globalThis as Holder)[KEY];
  if (!runtime) {
    throw new StratalError('STRATAL_NO_RUNTIME', 'The server is not ready; start it with `npm start` and try again.');
  }
  return runtime;
}
