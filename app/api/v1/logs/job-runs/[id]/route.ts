import { handle, json } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return handle(request, 'read', async ({ runtime, parameters }) =>
    json(await runtime.rest.history((await params).id, parameters, request.signal)),
  );
}
