'use client';

import { useCallback } from 'react';
import { formatCount, formatCounted } from '@/components/format/quantity';
import { copyText } from '@/components/ui/copy-text';
import { usePassingNotice } from '@/components/ui/use-passing-notice';
import { resolveBaseUrl } from '@/lib/client/base-url';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogMessage } from '@/lib/protocol/log-message';
import { type CopyStyle, copiedText, markdownText } from './copied-text';
import { lineLink } from './line-link';
import { fetchLinesOf, type ReadLines, readLines } from './read-lines';

export interface LineSharing {
  copyLink: () => void;
  copyLines: (style: CopyStyle) => void;
  /** What was just done, or why not. */
  notice: { text: string; isFailure: boolean } | undefined;
}

/** Copies selected lines, or a link to them. Lines that are not at hand are read from the server. */
export function useLineSharing({
  jobRunId,
  jobName,
  baseUrl,
  range,
  held,
}: {
  jobRunId: string;
  jobName: string;
  baseUrl: string | undefined;
  range: LineRange;
  /** Consecutive lines of the run that are at hand. */
  held: readonly LogMessage[];
}): LineSharing {
  const [notice, setNotice] = usePassingNotice<NonNullable<LineSharing['notice']>>();

  const copyLink = useCallback(() => {
    void copyText(lineLink(resolveBaseUrl(baseUrl), jobRunId, range)).then((isDone) => {
      setNotice(isDone ? { text: 'Link copied', isFailure: false } : NOT_COPIED);
    });
  }, [baseUrl, jobRunId, range]);

  const copyLines = useCallback(
    (style: CopyStyle) => {
      const source = { jobName, url: lineLink(resolveBaseUrl(baseUrl), jobRunId, range) };
      const format = (lines: readonly LogMessage[]) =>
        style === 'markdown' ? markdownText(lines, source) : copiedText(lines, style);
      const service = new LogStreamingService(baseUrl);
      const read = readLines(range, held, fetchLinesOf(service, jobRunId));
      const copied = copyText(read.then(({ lines }) => format(lines)));
      Promise.all([read, copied]).then(
        ([lines, isDone]) => setNotice(isDone ? noticeOf(lines, range, style) : NOT_COPIED),
        (error: unknown) =>
          setNotice({ text: error instanceof Error ? error.message : String(error), isFailure: true }),
      );
    },
    [jobRunId, jobName, baseUrl, range, held],
  );

  return { copyLink, copyLines, notice };
}

const NOT_COPIED = { text: 'The browser did not let it be copied', isFailure: true };

const STYLE_WORDS: Record<CopyStyle, string> = { text: '', times: ' with times', markdown: ' as Markdown' };

function noticeOf(
  { lines, isCut }: ReadLines,
  { first, last }: LineRange,
  style: CopyStyle,
): { text: string; isFailure: boolean } {
  const words = `copied${STYLE_WORDS[style]}`;
  if (!isCut) return { text: `${formatCounted(lines.length, 'line')} ${words}`, isFailure: false };
  const all = formatCount(last - first + 1);
  return {
    text: `The first ${formatCount(lines.length)} of ${all} lines ${words}; the download has all`,
    isFailure: false,
  };
}
