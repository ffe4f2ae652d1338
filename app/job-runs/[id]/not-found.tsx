import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

export default function NoSuchRun() {
  return (
    <Notice as="h1" title="No such run" icon={<SearchX aria-hidden />} className="py-24">
      <p className="mb-4">The address names a run that does not exist, or that was deleted.</p>
      <Link href="/" className={buttonClass()}>
        All runs
      </Link>
    </Notice>
  );
}
