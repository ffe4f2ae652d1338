const LINES_MAX = 64;
const shared: Uint8Array[] = [];

/**
 * So many zeros, one array for all who ask: most columns of small batches are nothing else, and an array of its own takes more than the
 * line that it is of. Nobody writes to it.
 */
export function zeros(count: number): Uint8Array {
  if (count > LINES_MAX) return new Uint8Array(count);
  let found = shared[count];
  if (!found) {
    found = new Uint8Array(count);
    shared[count] = found;
  }
  return found;
}
