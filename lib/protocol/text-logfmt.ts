/**
 * Calls `visit` with each `name=value` of a text, in order and with its place, until it returns true; whether it did. A value is
 * in double quotes with `\"` and `\\`, or goes to the next white space. Text between pairs is passed over, as
 * programs mix prose and pairs; what stands inside a quoted value is no pair.
 */
export function someLogfmtPair(
  text: string,
  visit: (name: string, value: string, start: number, end: number) => boolean,
): boolean {
  let from = 0;
  let runEnd = 0;
  for (;;) {
    const equals = text.indexOf('=', from);
    if (equals < 0) return false;
    let start = equals;
    while (start > from && isNameCode(text.charCodeAt(start - 1))) start--;
    // The dashes of a command line's options are no part of the name.
    while (start < equals && text[start] === '-') start++;
    if (start === equals) {
      from = equals + 1;
      continue;
    }
    const name = text.slice(start, equals);
    const close = text[equals + 1] === '"' ? closingQuote(text, equals + 2) : -1;
    if (close >= 0) {
      const value = text.slice(equals + 2, close).replace(/\\(["\\])/g, '$1');
      if (visit(name, value, start, close + 1)) return true;
      from = close + 1;
    } else {
      if (runEnd <= equals) runEnd = endOfRun(text, equals + 1);
      const value = text.slice(equals + 1, runEnd);
      if (visit(name, value, start, runEnd)) return true;
      // `a=1,b=2`: a pair may begin inside the run, after a separator.
      const separator = value.search(/[,;]/);
      from = separator < 0 ? runEnd : equals + 1 + separator;
    }
  }
}

/** A logfmt value inside prose or a list: without what follows it (`status=500, …`, `(user=bob)`). */
export function unpunctuated(value: string): string {
  const end = value.search(/[,;)\]}]/);
  return end < 0 ? value : value.slice(0, end);
}

/** The index of the quote that closes a value which began before `from`, or -1. */
function closingQuote(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const char = text[index];
    if (char === '\\') index++;
    else if (char === '"') return index;
  }
  return -1;
}

function endOfRun(text: string, from: number): number {
  let end = from;
  while (end < text.length && !isSpaceCode(text.charCodeAt(end))) end++;
  return end;
}

function isSpaceCode(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Letters, digits and `_ . @ $ / -`; everything beyond ASCII counts as a letter. */
function isNameCode(code: number): boolean {
  if (code >= 128) return true;
  if (code >= 97) return code <= 122;
  if (code >= 64) return code <= 90 || code === 95;
  return (code >= 45 && code <= 57) || code === 36;
}
