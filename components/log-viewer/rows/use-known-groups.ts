import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { RunOfViewer } from '@/components/log-viewer/histogram/use-volume';
import type { SourceSnapshot } from '@/components/log-viewer/source-snapshot';
import { type GroupPlace, GroupSource } from './group-source';
import { type KnownGroups, ofTasks } from './known-groups';

/** What the server told of the groups around the lines that are held, and where to say which lines those are. */
export function useKnownGroups(
  { service, jobRunId }: RunOfViewer,
  { resets }: SourceSnapshot,
  tasks: readonly string[],
): { known: readonly KnownGroups[]; look: (place: GroupPlace | undefined) => void } {
  const [source] = useState(() => new GroupSource(service, jobRunId));
  const answers = useSyncExternalStore(source.subscribe, source.getSnapshot, source.getSnapshot);
  const scope = tasks.join(',');
  const known = useMemo(() => ofTasks(answers, scope === '' ? [] : scope.split(',')), [answers, scope]);
  useEffect(() => () => source.stop(), [source]);
  useEffect(() => {
    if (resets > 0) source.forget();
  }, [resets, source]);
  const look = useCallback((place: GroupPlace | undefined) => (place ? source.look(place) : source.stop()), [source]);
  return { known, look };
}
