import { handleRun, type IdContext, jsonBytes } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'read', context, async ({ runtime, parameters, id }) =>
    jsonBytes(await runtime.rest.historyJson(id, parameters, request.signal)),
  );
}
