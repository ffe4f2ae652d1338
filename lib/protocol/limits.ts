/** Bounds that both sides of the wire keep. Bytes are of UTF-8. */

const KIB = 1024;

/** A line's text; a longer one is split into parts flagged `continues`. */
export const LINE_BYTES_MAX = 128 * KIB;
/** A LogMessage as JSON: clients refuse WebSocket frames over 256 KiB. */
export const LINE_JSON_BYTES_MAX = 240 * KIB;
/** `attributes` of one line, as JSON. */
export const ATTRIBUTES_BYTES_MAX = 8 * KIB;
/** Text of one `partial`; what is longer is relayed by its newest part. */
export const PARTIAL_BYTES_MAX = 4 * KIB;
/** At most one `partial` per stream of a task in this time. */
export const PARTIAL_INTERVAL_MS = 100;
/** `progress` is sent after this long without another event. */
export const PROGRESS_INTERVAL_MS = 15_000;
/** `progress` is sent after this many lines that a filter skipped. */
export const PROGRESS_LINES = 10_000;
/** A server writes no further to a reader with more than this unsent. */
export const READER_HIGH_WATER_BYTES = 256 * KIB;
/** A reader that takes nothing for this long is closed with 4008. */
export const READER_STALL_MS = 30_000;
/** A run is `lost` after this many heartbeats missed. */
export const HEARTBEATS_MISSED_MAX = 3;
/** `limit` of a page of lines. */
export const PAGE_LINES_MAX = 1000;
/** Text of a page of lines, in UTF-16 units: a page of longer lines has fewer than `limit`, but one at least. */
export const PAGE_CHARS_MAX = 4 * KIB * KIB;
/** So many lines a page has room for, however long they are. */
export const PAGE_LINES_SURE = 20;
/** Characters of an id of a run or task. */
export const ID_CHARS_MAX = 128;
/** One line of an ingest body, as sent. */
export const INGEST_LINE_BYTES_MAX = 16 * KIB * KIB;
/** The body of a request that makes or changes a run or task. */
export const RUN_BODY_BYTES_MAX = KIB * KIB;
/** Task runs of one job run: its page, and each news of it, tells all of them. */
export const TASKS_OF_RUN_MAX = 10_000;
/** Objects and lists inside each other in a run's metadata. */
export const METADATA_DEPTH_MAX = 32;
/** A gzip ingest body, inflated. */
export const INGEST_INFLATED_BYTES_MAX = 4 * KIB * KIB * KIB;
