import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { buttonClass } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

export default function NotFound() {
  return (
    <Notice as="h1" title="Nothing here" icon={<SearchX aria-hidden />} className="py-24">
      <p className="mb-4">There is no page at this address.</p>
      <Link href="/" className={buttonClass()}>
        All runs
      </Link>
    </Notice>
  );
}
