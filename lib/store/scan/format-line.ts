import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { LineBatch } from '@/lib/store/line-batch';

/** text: time and message. raw: what the programs wrote. ndjson: as the history has it. */
export type LineFormat = 'text' | 'raw' | 'ndjson';

/** A line as it stands in a file; empty for lines that no program wrote where only those are wanted. */
export function formatLine(batch: LineBatch, index: number, format: LineFormat): string {
  if (format === 'ndjson') return `${batch.toJson(index)}\n`;
  if (format === 'text') return `${formatTimestamp(batch.timeUs(index))} ${batch.message(index)}\n`;
  if (batch.facet(index).stream === 'system') return '';
  return batch.continues(index) ? batch.message(index) : `${batch.message(index)}\n`;
}
