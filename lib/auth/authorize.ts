import { StratalError } from '@/lib/errors/stratal-error';
import { isLoopbackName, parseHost } from './loopback';
import type { VisibleJobs } from './visible-jobs';

export type Action = 'read' | 'ingest' | 'admin';

/** What a request shows of itself: enough to judge it, whatever it came over. Header names are in lower case. */
export interface RequestCredential {
  header(name: string): string | undefined;
  /** True where the connection itself is TLS. */
  secure: boolean;
}

/** Who acts, and what it may see. */
export interface Principal {
  role: 'viewer' | 'member' | 'admin';
  jobs: VisibleJobs;
}

export interface AccessRules {
  /** Origins of other sites whose pages may use this server. */
  allowedOrigins: readonly string[];
  /** The address that people reach this server by, where it is not the one in `Host`. */
  baseUrl: string | undefined;
}

/**
 * The one question that every route, upgrade and socket event asks. Throws a StratalError where the answer is no. Takes the run's id
 * where the action is about one run.
 */
export type Authorize = (credential: RequestCredential, action: Action, runId?: string) => Principal;

const LOCAL_ADMIN: Principal = { role: 'admin', jobs: 'all' };

/**
 * Access without accounts: the server listens on loopback, so whoever reaches it may do all, except pages of other sites and names
 * that point here (DNS rebinding). A request without Origin is no page's; one with it must be of this server's own.
 */
export function loopbackAccess(rules: AccessRules): Authorize {
  const base = rules.baseUrl === undefined ? undefined : new URL(rules.baseUrl);
  const allowed = new Set(rules.allowedOrigins);
  return (credential) => {
    const host = parseHost(credential.header('host') ?? '', credential.secure ? 'https' : 'http');
    if (!host || !(isLoopbackName(host.hostname) || host.host === base?.host)) {
      throw new StratalError(
        'STRATAL_HOST_REFUSED',
        'This server answers on localhost alone; open it by that name, or set STRATAL_BASE_URL to the address you use.',
      );
    }
    const origin = credential.header('origin');
    if (origin !== undefined && origin !== host.origin && origin !== base?.origin && !allowed.has(origin)) {
      throw new StratalError(
        'STRATAL_ORIGIN_REFUSED',
        'Pages of other sites may not use this server; list the site’s origin in STRATAL_ALLOWED_ORIGINS to let it.',
      );
    }
    return LOCAL_ADMIN;
  };
}

/** A sentence why the server must not start on this address, or undefined where it may. */
export function refuseToListen(host: string): string | undefined {
  if (isLoopbackName(host)) return undefined;
  return `HOST is ${host}, which others can reach, and nobody would have to sign in: set HOST to 127.0.0.1, and put a proxy that signs people in before it.`;
}
