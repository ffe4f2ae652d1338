/** Bounds of the server that are not on the wire. */

/** Lines joined into one commit at most; what is over waits for the next one. */
export const GROUP_LINES_MAX = 20_000;
/** Text bytes joined into one commit at most. */
export const GROUP_BYTES_MAX = 8 * 1024 * 1024;
/** Rows of the journal older than this are trimmed. */
export const JOURNAL_AGE_MS = 3_600_000;
/** A producer's position is kept this long after its last batch. */
export const PRODUCER_AGE_MS = 7 * 24 * 3_600_000;
/** Lines of a chunk after merging, about. */
export const CHUNK_LINES_TARGET = 4096;
/** Text bytes of a chunk at most. */
export const CHUNK_BYTES_MAX = 1024 * 1024;
/** Decoded chunks that reads share. */
export const CHUNK_CACHE_BYTES = 64 * 1024 * 1024;
/** Memory for the chunk indexes of runs, all together: some 50,000 chunks. */
export const CHUNK_INDEX_CACHE_BYTES = 32 * 1024 * 1024;
/** How often a node with readers looks at the journal's head by itself. */
export const HEAD_POLL_MS = 1000;
/** Lines looked through for one page of a text filter; the page's cursor moves past them, so the next page goes on there. */
export const SCAN_LINES_MAX = 500_000;
/** Small chunks of a running run that make a merge worthwhile. */
export const MERGE_CHUNKS_MIN = 16;
/** Lines of one ingest body that are decoded while its lines before are being committed. */
export const INGEST_PIPELINE_LINES = 8192;
/** The same as text bytes. */
export const INGEST_PIPELINE_BYTES = 4 * 1024 * 1024;
/** Decoded lines of all ingest bodies together, as bytes; above it no body is decoded ahead of its commits. */
export const INGEST_HELD_BYTES_MAX = 64 * 1024 * 1024;
/** Beginnings of lines of all ingest bodies together; above it bodies with long ones are refused. */
export const INGEST_PENDING_BYTES_MAX = 64 * 1024 * 1024;
/** A body with no more than this of an unended line is never refused for what others hold. */
export const INGEST_PENDING_FREE_BYTES = 256 * 1024;
/** A body that sends nothing for so long in the middle of a line has ended. */
export const INGEST_LINE_IDLE_MS = 60_000;
