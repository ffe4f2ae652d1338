import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { StratalError } from '@/lib/errors/stratal-error';

/** What the command and workers are told by their environment; the names fit the options of Logger. */
export interface CliConfig {
  /** The server, without a slash at its end. */
  url: string;
  token?: string | undefined;
  /** Where lines wait for a server that is away; undefined for a user without a home: then they wait in memory. */
  spoolDirectory: string | undefined;
}

/** An empty variable counts as absent, as `NAME= command` means. */
const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === undefined || text.trim() === '' ? undefined : text.trim()));

const urlSchema = optionalText.transform((text, context) => {
  const value = text ?? 'http://localhost:8080';
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    context.addIssue({ code: 'custom', message: 'must be the address of the server, such as http://localhost:8080' });
  } else if (url.username !== '' || url.password !== '') {
    context.addIssue({ code: 'custom', message: 'must not hold a user name or password; use STRATAL_TOKEN' });
  } else if (url.search !== '' || url.hash !== '') {
    context.addIssue({ code: 'custom', message: 'must be an address without ? and #' });
  } else {
    return value.replace(/\/+$/, '');
  }
  return z.NEVER;
});

/** RFC 6750's characters of a bearer token; the value is never named in a message. */
const tokenSchema = optionalText.refine(
  (token) => token === undefined || /^[A-Za-z0-9._~+/-]+=*$/.test(token),
  'must be one token of A-Z a-z 0-9 . _ ~ + / -, without blanks',
);

const environmentSchema = z.object({
  STRATAL_URL: urlSchema,
  STRATAL_TOKEN: tokenSchema,
  STRATAL_SPOOL_DIR: optionalText.refine((path) => path === undefined || isAbsolute(path), 'must be an absolute path'),
  XDG_STATE_HOME: optionalText,
});

/** The command's configuration; throws a StratalError that names the variable. */
export function readCliConfig(environment: NodeJS.ProcessEnv = processEnvironment()): CliConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`);
    throw new StratalError('STRATAL_BAD_PARAMETER', sentences.join(' '));
  }
  const { STRATAL_URL: url, STRATAL_TOKEN: token, STRATAL_SPOOL_DIR, XDG_STATE_HOME } = parsed.data;
  return { url, token, spoolDirectory: STRATAL_SPOOL_DIR ?? defaultSpoolDirectory(XDG_STATE_HOME) };
}

/** The place of the XDG base directory specification, which has relative paths ignored. */
function defaultSpoolDirectory(stateHome: string | undefined): string | undefined {
  if (stateHome !== undefined && isAbsolute(stateHome)) return join(stateHome, 'stratal');
  try {
    return join(homedir(), '.local', 'state', 'stratal');
  } catch {
    // A container's user that no one knows, without HOME.
    return undefined;
  }
}

/** The whole environment, for handing it on to a command. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}
