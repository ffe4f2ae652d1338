import { handleRun, type IdContext, json } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'read', context, async ({ runtime, id, parameters }) =>
    json(await runtime.rest.groups(id, parameters, request.signal)),
  );
}
