import { handle, type IdContext, jsonBytes } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function GET(request: Request, { params }: IdContext): Promise<Response> {
  return handle(request, 'read', async ({ runtime, parameters }) =>
    jsonBytes(await runtime.rest.taskHistoryJson((await params).id, parameters, request.signal)),
  );
}
