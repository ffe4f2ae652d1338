import { Worker } from 'node:worker_threads';
import type { ScanWorkerData } from './scan-task';

/** Heap of a worker; texts and rows lie beside it. A search that needs more ends its worker, not the server. */
const HEAP_MIB_MAX = 512;

/** Starts a scan worker: the built program beside this one, or its source where this is one. */
export function startScanWorker(data: ScanWorkerData): Worker {
  const options = { resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX } };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./scan.worker.mjs', import.meta.url), { ...options, workerData: data });
  }
  const entry = new URL('./scan.worker.ts', import.meta.url).href;
  // Node 20 does not take the loader of the main thread along.
  const source = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(entry)}); })`;
  return new Worker(source, { ...options, eval: true, workerData: data });
}
