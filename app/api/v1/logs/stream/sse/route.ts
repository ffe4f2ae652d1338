import { problemResponse } from '@/app/api/handle';
import { getRuntime } from '@/lib/runtime-handle';

export const dynamic = 'force-dynamic';

/** Live lines as server-sent events; server.ts answers this address by itself unless STRATAL_SSE is `handler`. */
export async function GET(request: Request): Promise<Response> {
  try {
    return await getRuntime().transports.sseResponse(request);
  } catch (error) {
    return problemResponse(error);
  }
}

export const HEAD = GET;
