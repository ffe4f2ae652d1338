import { handle, type IdContext, json } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function GET(request: Request, { params }: IdContext): Promise<Response> {
  return handle(request, 'read', async ({ runtime, parameters }) =>
    json(await runtime.rest.taskHistory((await params).id, parameters, request.signal)),
  );
}
