import { handleRun, type IdContext } from '@/app/api/handle';
import { toWebStream } from '@/app/api/web-stream';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'read', context, async ({ runtime, id, parameters }) => {
    const { headers, body } = await runtime.rest.search(id, parameters);
    return new Response(toWebStream(body), { headers });
  });
}
