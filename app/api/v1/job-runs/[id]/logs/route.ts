import { postLogs } from '@/app/api/post-logs';

export const dynamic = 'force-dynamic';

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return postLogs(request, (await params).id);
}
