import { headers } from 'next/headers';
import { getRuntime } from '@/lib/runtime-handle';

/** The runtime, once the reader of this page was found to be allowed to read (that run). Throws StratalError. */
export async function authorizePage(runId?: string) {
  const runtime = getRuntime();
  const list = await headers();
  const header = (name: string) => list.get(name) ?? undefined;
  runtime.authorize({ header, secure: header('x-forwarded-proto') === 'https' }, 'read', runId);
  return runtime;
}
