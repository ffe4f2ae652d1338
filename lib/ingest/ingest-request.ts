import { StratalError } from '@/lib/errors/stratal-error';
import { foldId, isId, isUuid } from '@/lib/protocol/ids';

/** What the headers and the URL say of all lines of an ingest body. */
export interface IngestRequest {
  source: string | undefined;
  /** Lines that the source sent before this body. */
  position: number | undefined;
  jobRunId: string | undefined;
  taskRunId: string | undefined;
  taskName: string | undefined;
}

const POSITION = /^\d{1,15}$/;
/** How the headers are written in messages; a lookup ignores case. */
const JOB_RUN = 'Stratal-Job-Run';
const TASK_RUN = 'Stratal-Task-Run';
const TASK_NAME = 'Stratal-Task-Name';
const TASK_NAME_CHARS_MAX = 256;

/** Parses the Stratal-* headers. `urlRunId` is the run in the URL, where there is one. */
export function parseIngestRequest(
  header: (name: string) => string | undefined,
  urlRunId: string | undefined,
): IngestRequest {
  const source = header('stratal-source');
  const position = header('stratal-position');
  if ((source === undefined) !== (position === undefined)) {
    const missing = source === undefined ? 'Stratal-Source' : 'Stratal-Position';
    throw badSource(missing, 'is missing: Stratal-Source and Stratal-Position go together.');
  }
  if (source !== undefined && !isUuid(source)) throw badSource('Stratal-Source', 'must be a UUID.');
  if (position !== undefined && !POSITION.test(position))
    throw badSource('Stratal-Position', 'must be a whole number from 0.');
  const named = readId(header, JOB_RUN);
  if (urlRunId !== undefined && !isId(urlRunId))
    throw badParameter('job_run_id', 'the URL names no valid id of a job run.');
  const jobRunId = urlRunId === undefined ? named : foldId(urlRunId);
  if (named !== undefined && named !== jobRunId) {
    throw badParameter(JOB_RUN, `names ${named}, the URL names ${jobRunId}; leave the header out.`);
  }
  return {
    source: source?.toLowerCase(),
    position: position === undefined ? undefined : Number(position),
    jobRunId,
    taskRunId: readId(header, TASK_RUN),
    taskName: readTaskName(header(TASK_NAME.toLowerCase())),
  };
}

function readId(header: (name: string) => string | undefined, name: string): string | undefined {
  const id = header(name.toLowerCase());
  if (id === undefined || id === '') return undefined;
  if (!isId(id)) throw badParameter(name, 'must be 1 to 128 of A-Z a-z 0-9 . _ ~ -, beginning with a letter or digit.');
  return foldId(id);
}

/** HTTP gives header bytes as Latin-1; names are UTF-8. */
function readTaskName(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  const name = Buffer.from(value, 'latin1').toString('utf8');
  const text = name.includes('\ufffd') ? value : name;
  if (text.length > TASK_NAME_CHARS_MAX)
    throw badParameter(TASK_NAME, `must be at most ${TASK_NAME_CHARS_MAX} characters.`);
  return text;
}

function badSource(field: string, detail: string): StratalError {
  return new StratalError('STRATAL_INGEST_SOURCE', `${field}: ${detail}`, { members: { field, ...NOTHING_STORED } });
}

function badParameter(field: string, detail: string): StratalError {
  return new StratalError('STRATAL_BAD_PARAMETER', `${field}: ${detail}`, { members: { field, ...NOTHING_STORED } });
}

/** What every refusal of an ingest body tells; where the source stands is not asked for a request that names none well. */
const NOTHING_STORED = { accepted: 0, next: null };
