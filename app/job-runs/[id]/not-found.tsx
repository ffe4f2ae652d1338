import { SearchX } from 'lucide-react';
import Link from 'next/link';
import { RunSearchForm } from '@/components/runs/run-search-form';
import { buttonClass } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

export default function NoSuchRun() {
  return (
    <Notice as="h1" title="No such run" icon={<SearchX aria-hidden />} className="py-24">
      <p>There is no run at this address. What may have happened:</p>
      <ul className="mx-auto mt-3 mb-5 w-fit list-disc space-y-1 pl-5 text-left">
        <li>The link is cut off or mistyped.</li>
        <li>The run was deleted, or retention has removed it.</li>
        <li>Its program has not reached this server yet; then it appears here later.</li>
      </ul>
      <RunSearchForm />
      <p className="mt-5">
        <Link href="/" className={buttonClass()}>
          All runs
        </Link>
      </p>
    </Notice>
  );
}
