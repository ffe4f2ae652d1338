import { StratalError } from '@/lib/errors/stratal-error';

/** `ndjson`: a line a value. `json`: one object, an array, or values one after another; the bytes tell. */
export type BodyFormat = 'ndjson' | 'json';

const FORMATS: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  // curl's -d says so, whatever it sends.
  ['application/x-www-form-urlencoded', 'json'],
  ['', 'json'],
]);

const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii']);

/** The format that a Content-Type names; a missing one is found from the bytes. Throws STRATAL_MEDIA_TYPE. */
export function parseContentType(contentType: string | undefined): BodyFormat {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  const format = FORMATS.get(type.toLowerCase());
  if (format === undefined) {
    throw new StratalError(
      'STRATAL_MEDIA_TYPE',
      'Content-Type must be application/json, application/x-ndjson, application/ndjson or application/jsonl.',
    );
  }
  for (const parameter of parameters) {
    const charset = /^charset\s*=\s*"?([^"]*)"?$/i.exec(parameter)?.[1];
    if (charset !== undefined && !CHARSETS.has(charset.trim().toLowerCase())) {
      throw new StratalError('STRATAL_MEDIA_TYPE', 'The charset in Content-Type must be utf-8.');
    }
  }
  return format;
}
