// Node's own arguments for the server, which have to be there when its process begins; printed where this is run by itself.
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';

/** Node's default, whatever the machine has. */
const V8_THREADS_MAX = 4;

/**
 * As many threads for collecting garbage and compiling as there are processors beside the one that serves: on a small machine four of them
 * take turns with it, and live lines wait.
 */
export function nodeArguments(processors = availableParallelism()) {
  return [`--v8-pool-size=${Math.min(V8_THREADS_MAX, Math.max(1, processors - 1))}`];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(nodeArguments().join(' '));
