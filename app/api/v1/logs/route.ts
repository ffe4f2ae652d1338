import { postLogs } from '@/app/api/post-logs';

export const dynamic = 'force-dynamic';

export function POST(request: Request): Promise<Response> {
  return postLogs(request, undefined);
}
