'use client';

import { ChevronDown, Download } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '@/components/ui/menu';
import { downloadPath } from './download-path';

const FORMATS = [
  { format: 'text', label: 'Text with times', file: '.log' },
  { format: 'raw', label: 'Raw output', file: '.log' },
  { format: 'ndjson', label: 'JSON lines', file: '.ndjson' },
] as const;

/** The whole log as a file, plain or gzipped. */
export function DownloadMenu({ jobRunId }: { jobRunId: string }) {
  return (
    <Menu
      trigger={
        <Button aria-label="Download">
          <Download aria-hidden />
          <span className="hidden sm:inline">Download</span>
          <ChevronDown aria-hidden className="text-fg-faint" />
        </Button>
      }
    >
      {[false, true].map((isGzip) => (
        <div key={String(isGzip)}>
          {isGzip && <MenuSeparator />}
          <MenuLabel>{isGzip ? 'Compressed' : 'Download'}</MenuLabel>
          {FORMATS.map(({ format, label, file }) => (
            <MenuItem key={format} asChild>
              <a href={downloadPath(jobRunId, `format=${format}${isGzip ? '&compress=gzip' : ''}`)} download>
                <span className="flex-1">{label}</span>
                <span className="font-mono text-2xs text-fg-faint">{isGzip ? `${file}.gz` : file}</span>
              </a>
            </MenuItem>
          ))}
        </div>
      ))}
      <MenuSeparator />
      <MenuItem asChild>
        <a href={downloadPath(jobRunId, 'format=raw&inline=1')} target="_blank" rel="noreferrer">
          Open raw in a tab
        </a>
      </MenuItem>
    </Menu>
  );
}
