import { parentPort, workerData } from 'node:worker_threads';
import { isStratalError, type StratalError } from '@/lib/errors/stratal-error';
import { connect } from '@/lib/store/database';
import { toStoreError } from '@/lib/store/store-error';
import { TaskDirectory } from '@/lib/store/task-directory';
import { runTask } from './run-task';
import type { ScanAnswer, ScanRequest, ScanResult, ScanWorkerData } from './scan-task';
import { yieldProcessor } from './yield-processor';

/**
 * A worker thread that reads chunks over connections of its own and searches, counts, renders or merges their lines. While it works on one
 * task, Postgres sends what the next one needs.
 */

const CONNECTIONS = 2;

const { connection, isIdle }: ScanWorkerData = workerData;
void yieldProcessor(isIdle);

const sql = connect(connection, CONNECTIONS);
const source = { sql, tasks: new TaskDirectory(sql) };

parentPort?.on('message', async ({ id, task, cancelled }: ScanRequest) => {
  try {
    const result = await runTask(task, source, () => Atomics.load(cancelled, 0) === 1);
    send({ id, result }, buffersOf(result));
  } catch (error) {
    const { code, message, cause }: StratalError = isStratalError(error) ? error : toStoreError(error);
    send({ id, error: { code, message, cause: cause instanceof Error ? cause.stack : cause } }, []);
  }
});

function send(answer: ScanAnswer, transferred: ArrayBuffer[]): void {
  parentPort?.postMessage(answer, transferred);
}

/** What the result holds is handed over, not copied. Small arrays of Node's pool are others' too, and stay. */
function buffersOf(result: ScanResult): ArrayBuffer[] {
  const arrays: Iterable<ArrayBufferView> = 'pieces' in result ? result.pieces : viewsOf(result);
  return [...arrays].flatMap(({ buffer }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize ? [buffer] : [],
  );
}

function viewsOf(result: ScanResult): ArrayBufferView[] {
  return Object.values(result).filter((value) => ArrayBuffer.isView(value));
}
