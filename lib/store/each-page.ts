/**
 * Reads a cursor to its end, a page at a time; rejects with what `work` threw first, or with the signal's reason once that aborts.
 * The pages that are left are then passed over: to leave a cursor whose session was lost meanwhile ends the process, as the
 * driver (postgres.js 3.4.9) writes to a socket that is gone.
 */
export async function eachPage<Row>(
  pages: AsyncIterable<Row[]>,
  signal: AbortSignal,
  work: (page: Row[]) => Promise<void> | void,
): Promise<void> {
  let failure: { error: unknown } | undefined;
  for await (const page of pages) {
    if (failure !== undefined || signal.aborted) continue;
    try {
      await work(page);
    } catch (error) {
      failure = { error };
    }
  }
  signal.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
