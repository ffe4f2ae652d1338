'use client';

import { useState } from 'react';
import { addMicroseconds, fromFieldValue, toFieldValue, type Zone, zoneName } from '@/components/format/instant';
import type { TimeRange } from '@/components/log-viewer/histogram/volume-histogram';
import { Button } from '@/components/ui/button';

const MINUTE_US = 60_000_000;
const PRESETS = [
  { label: 'Last minute', us: MINUTE_US },
  { label: 'Last 5 min', us: 5 * MINUTE_US },
  { label: 'Last hour', us: 60 * MINUTE_US },
] as const;

/** Two fields for the time range, and the last minutes of the run. */
export function TimeRangeFields({
  range,
  onChange,
  zone,
  newest,
}: {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
  zone: Zone;
  /** The time of the run's newest line, where it is known. */
  newest: string | undefined;
}) {
  const isReversed =
    range.from !== undefined && range.to !== undefined && Date.parse(range.from) >= Date.parse(range.to);
  return (
    <div className="grid gap-2">
      <TimeField label="From" value={range.from} zone={zone} onChange={(from) => onChange({ ...range, from })} />
      <TimeField label="Until" value={range.to} zone={zone} onChange={(to) => onChange({ ...range, to })} />
      {isReversed && (
        <p role="alert" className="text-danger text-xs">
          The range ends before it begins: no line is in it.
        </p>
      )}
      <div className="flex flex-wrap gap-1.5">
        {PRESETS.map(({ label, us }) => (
          <Button
            key={label}
            disabled={newest === undefined}
            title={`${label} of the run`}
            className="h-7 px-2 text-xs"
            onClick={() => newest !== undefined && onChange({ from: addMicroseconds(newest, -us) })}
          >
            {label}
          </Button>
        ))}
      </div>
    </div>
  );
}

/** One end of the range: taken when the field is left or Enter is pressed, since a half typed time is another time. */
function TimeField({
  label,
  value,
  zone,
  onChange,
}: {
  label: string;
  value: string | undefined;
  zone: Zone;
  onChange: (iso: string | undefined) => void;
}) {
  const held = value === undefined ? '' : toFieldValue(value, zone);
  const [draft, setDraft] = useState<string>();
  const take = () => {
    if (draft === undefined) return;
    setDraft(undefined);
    if (draft !== held) onChange(fromFieldValue(draft, zone));
  };
  const zoneText = zoneName(value === undefined ? new Date() : new Date(value), zone);
  return (
    <label className="grid grid-cols-[2.75rem_1fr_auto] items-center gap-2 text-13">
      <span className="text-fg-muted">{label}</span>
      <input
        type="datetime-local"
        step="0.001"
        aria-label={`${label}, ${zoneText}`}
        value={draft ?? held}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
        }}
        className="h-8 w-full min-w-0 rounded-md border border-edge-strong bg-canvas px-2 text-13 tabular-nums"
      />
      <span className="text-fg-faint text-xs tabular-nums">{zoneText}</span>
    </label>
  );
}
