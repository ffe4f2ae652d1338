import { handle, json } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function GET(request: Request): Promise<Response> {
  return handle(request, 'read', async ({ runtime }) => json(runtime.transports.status()));
}
