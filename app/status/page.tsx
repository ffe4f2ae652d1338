import type { Metadata } from 'next';
import { authorizePage } from '@/app/authorize-page';
import { StatusBoard } from '@/components/status/status-board';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Status' };

export default async function StatusPage() {
  await authorizePage();
  return <StatusBoard />;
}
