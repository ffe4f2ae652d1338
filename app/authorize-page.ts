import { headers } from 'next/headers';
import { getRuntime } from '@/lib/runtime-handle';

/** The runtime, once the reader of this page was found to be allowed to read (that run). Throws StratalError. */
export async function authorizePage(runId?: string) {
  const runtime = getRuntime();
  const list = await headers();
  const header = (name: string) => list.get(name) ?? undefined;
  const credential = { header, secure: header('x-forwarded-proto') === 'https' };
  const principal = runtime.authorize(credential, 'read', runId);
  return { runtime, principal };
}
