'use client';

import { useEffect, useState } from 'react';

/** What was done is told for this long. */
const NOTICE_MS = 4000;

/** Something that a reader is told for some seconds, and how to tell it. */
export function usePassingNotice<Notice>(): [Notice | undefined, (notice: Notice | undefined) => void] {
  const [notice, setNotice] = useState<Notice>();
  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => setNotice(undefined), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return [notice, setNotice];
}
