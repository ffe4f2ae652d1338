import type { Level, Stream } from '@/lib/protocol/log-message';
import type { LineInput, TaskRef } from '@/lib/store/line-batch';

export interface LineShape {
  level?: Level;
  stream?: Stream;
  timeUs?: number;
  task?: TaskRef;
  continues?: boolean;
  attributes?: string;
}

/** One line for a test, with what the test does not care for filled in. */
export function makeLine(message: string, shape: LineShape = {}): LineInput {
  return {
    timeUs: shape.timeUs ?? 1_700_000_000_000_000,
    level: shape.level ?? 'info',
    stream: shape.stream ?? 'stdout',
    message,
    task: shape.task,
    continues: shape.continues ?? false,
    attributes: shape.attributes,
  };
}
