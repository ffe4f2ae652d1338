import type { Metadata } from 'next';
import { authorizePage } from '@/app/authorize-page';
import { LiveViewer } from '@/components/log-viewer/live-viewer';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Live' };

export default async function LivePage() {
  await authorizePage();
  return (
    <div className="flex h-[calc(100dvh-var(--shell))] flex-col">
      <h1 className="sr-only">Live</h1>
      <LiveViewer />
    </div>
  );
}
