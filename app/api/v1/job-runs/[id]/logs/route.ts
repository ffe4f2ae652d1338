import type { IdContext } from '@/app/api/handle';
import { postLogs } from '@/app/api/post-logs';

export const dynamic = 'force-dynamic';

export async function POST(request: Request, { params }: IdContext): Promise<Response> {
  return postLogs(request, (await params).id);
}
