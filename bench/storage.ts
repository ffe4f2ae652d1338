import { corpusFolder, readCorpus } from './corpus';
import { openDatabase } from './open-database';
import { postBodies } from './post-bodies';
import { startStratal } from './server-process';
import { settledChunks } from './settled-chunks';

/** Stored bytes per raw byte on the corpus after merging: chunk table with its index and out-of-line text. */
export async function benchStorage(): Promise<void> {
  const folder = corpusFolder();
  if (folder === undefined) {
    console.log('## Storage: skipped, the corpus is not there (set STRATAL_CORPUS)\n');
    return;
  }
  const server = await startStratal();
  const sql = openDatabase(server);
  try {
    let raw = 0;
    let files = 0;
    for (const { text } of readCorpus(folder)) {
      const lines = text.split('\n').map((line) => line.replaceAll('\0', ''));
      raw += lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      const run = `corpus-${files++}`;
      for (let at = 0; at < lines.length; at += 500) {
        const body = lines.slice(at, at + 500).map((message) => `${JSON.stringify({ message })}\n`);
        await postBodies(`${server.url}/api/v1/job-runs/${run}/logs`, [Buffer.from(body.join(''))], 1);
      }
      await fetch(`${server.url}/api/v1/job-runs/${run}`, { method: 'PATCH', body: '{"status":"completed"}' });
    }
    const chunks = await settledChunks(sql);
    // What merging freed is given back, as autovacuum and the next appends would reuse it.
    await sql`vacuum full log_chunks`;
    const [size] = await sql<Array<{ bytes: string }>>`select pg_total_relation_size('log_chunks') as bytes`;
    const stored = Number(size?.bytes);
    console.log(`## Storage on the corpus: ${files} runs, ${(raw / 1e6).toFixed(1)} MB of text in ${chunks} chunks\n`);
    console.log(`Stored bytes per raw byte, index and out-of-line text included: ${(stored / raw).toFixed(3)}\n`);
  } finally {
    await sql.end({ timeout: 1 });
    await server.stop();
  }
}
