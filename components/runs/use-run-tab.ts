'use client';

import { useEffect } from 'react';
import type { Run } from '@/lib/protocol/run';
import { tabIcon, tabTitle } from './run-words';

const SITE = ' · Stratal';

/** Keeps the browser's tab at the run's status: its title and its icon, which the server rendered as they were then. */
export function useRunTab({ job_name, status }: Run): void {
  useEffect(() => {
    document.title = `${tabTitle({ job_name, status })}${SITE}`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
    if (icon) icon.href = tabIcon(status);
  }, [job_name, status]);
}
