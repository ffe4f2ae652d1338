import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { RunSearchForm } from '@/components/runs/run-search-form';
import { buttonClass } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

export default function NotFound() {
  return (
    <Notice as="h1" title="Nothing here" icon={<SearchX aria-hidden />} className="py-24">
      <p className="mb-5">There is no page at this address. Runs can be found by their name or id:</p>
      <RunSearchForm />
      <p className="mt-5">
        <Link href="/" className={buttonClass()}>
          All runs
        </Link>
      </p>
    </Notice>
  );
}
