import { API_BASE } from '@/lib/protocol/api';

/**
 * The methods of each address of the API, so that another one gets a problem object and `Allow` instead of Next's bare 405. Each address
 * has its handler in app/api/v1; a test holds the two equal.
 */
export const API_METHODS: Readonly<Record<string, readonly string[]>> = {
  '/job-runs': ['GET', 'POST'],
  '/job-runs/[id]': ['GET', 'PATCH', 'DELETE'],
  '/job-runs/[id]/heartbeat': ['POST'],
  '/job-runs/[id]/logs': ['POST'],
  '/logs': ['POST'],
  '/logs/job-runs/[id]': ['GET'],
  '/logs/job-runs/[id]/download': ['GET'],
  '/logs/job-runs/[id]/facets': ['GET'],
  '/logs/job-runs/[id]/groups': ['GET'],
  '/logs/job-runs/[id]/search': ['GET'],
  '/logs/job-runs/[id]/volume': ['GET'],
  '/logs/stream/sse': ['GET'],
  '/logs/stream/status': ['GET'],
  '/logs/task-runs/[id]': ['GET'],
  '/task-runs': ['GET', 'POST'],
  '/task-runs/[id]': ['GET', 'PATCH'],
};

const BY_PATTERN = Object.entries(API_METHODS).map(([address, methods]) => ({
  pattern: new RegExp(`^${API_BASE}${address.replace('[id]', '[^/]+')}$`),
  methods: withImplied(methods),
}));

/** What an address of the API takes, with HEAD and OPTIONS; undefined where the path is none of them. */
export function methodsOf(path: string): readonly string[] | undefined {
  return BY_PATTERN.find(({ pattern }) => pattern.test(path))?.methods;
}

function withImplied(methods: readonly string[]): readonly string[] {
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
}
