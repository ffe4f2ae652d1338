import type postgres from 'postgres';

/** Waits until merging has nothing more to do: the number of chunks stays the same over some sweeps. */
export async function settledChunks(sql: postgres.Sql): Promise<number> {
  let last = -1;
  for (let same = 0; same < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const [row] = await sql<Array<{ n: number }>>`select count(*)::int as n from log_chunks`;
    same = row?.n === last ? same + 1 : 0;
    last = row?.n ?? 0;
  }
  return last;
}
