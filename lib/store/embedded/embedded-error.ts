import { StratalError } from '@/lib/errors/stratal-error';

/** An error of the embedded database whose message is a sentence for the operator. */
export function embeddedError(sentence: string, cause?: unknown): StratalError {
  return new StratalError('STRATAL_STORE_DOWN', sentence, { cause });
}

/** The system's code of a failed call (`ENOENT`), undefined where it has none. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
