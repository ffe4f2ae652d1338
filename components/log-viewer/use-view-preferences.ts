'use client';

import { useMemo } from 'react';
import { TIME_STYLES, type TimeStyle } from './log-time';
import { usePreference } from './use-preference';

const SWITCH = ['on', 'off'] as const;

/** How this browser's reader wants a run's log shown, and how to change it. */
export interface ViewPreferences {
  wrap: boolean;
  setWrap: (wrap: boolean) => void;
  time: TimeStyle;
  setTime: (time: TimeStyle) => void;
  timeStyles: readonly TimeStyle[];
  histogram: { isShown: boolean; setShown: (isShown: boolean) => void };
  announce: boolean;
  setAnnounce: (announce: boolean) => void;
}

export function useViewPreferences(): ViewPreferences {
  const [wrap, setWrap] = usePreference('wrap', SWITCH, 'on');
  const [time, setTime] = usePreference('time', TIME_STYLES, 'off');
  const [histogram, setHistogram] = usePreference('histogram', SWITCH, 'on');
  const [announce, setAnnounce] = usePreference('announce', SWITCH, 'on');
  return useMemo(
    () => ({
      wrap: wrap === 'on',
      setWrap: (isOn) => setWrap(isOn ? 'on' : 'off'),
      time,
      setTime,
      timeStyles: TIME_STYLES,
      histogram: { isShown: histogram === 'on', setShown: (isShown) => setHistogram(isShown ? 'on' : 'off') },
      announce: announce === 'on',
      setAnnounce: (isOn) => setAnnounce(isOn ? 'on' : 'off'),
    }),
    [wrap, setWrap, time, setTime, histogram, setHistogram, announce, setAnnounce],
  );
}

/** The style after another one, round and round. */
export function nextTimeStyle(time: TimeStyle): TimeStyle {
  return TIME_STYLES[(TIME_STYLES.indexOf(time) + 1) % TIME_STYLES.length] ?? 'off';
}
