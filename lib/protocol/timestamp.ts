/** Times inside Stratal are whole microseconds since the epoch, as a number (exact until the year 2255, accepted until 2100). */

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(?:([Zz])|([+-])(\d\d):?(\d\d))$/;

/** The earliest and latest time that is accepted: years 1970 to 2100; differences between any two stay exact in the chunk codec. */
export const TIME_US_MAX = Date.UTC(2100, 0, 1) * 1000;

/**
 * Microseconds of an RFC 3339 time (section 5.6; digits below a microsecond are dropped, a leap second counts as
 * the second before), or undefined where the text is none or lies outside 1970–2100.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', , sign, offsetHour = '0', offsetMinute = '0'] = match;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (new Date(date).getUTCMonth() !== Number(month) - 1 || Number(day) === 0) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Math.min(Number(second), 59);
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000 * (sign === '-' ? -1 : 1);
  const ms = date + seconds * 1000 - offset;
  const us = ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
  return us >= 0 && us <= TIME_US_MAX ? us : undefined;
}

/** The second formatted last: lines come in bursts, and making the text of a date is most of what formatting costs. */
const lastSecond = { second: -1, text: '' };

/** Microseconds as RFC 3339 in UTC: 3 fraction digits, 6 when the microseconds are not zero. */
export function formatTimestamp(us: number): string {
  const second = Math.floor(us / 1_000_000);
  if (second !== lastSecond.second) {
    lastSecond.text = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
    lastSecond.second = second;
  }
  const fraction = us - second * 1_000_000;
  const rest = fraction % 1000;
  const digits = rest === 0 ? 1000 + fraction / 1000 : 1_000_000 + fraction;
  return `${lastSecond.text}${String(digits).slice(1)}Z`;
}
