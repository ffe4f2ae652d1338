/** Brackets inside each other in one line. Deeper text is refused unparsed: parsing it takes seconds and a gigabyte. */
const JSON_DEPTH_MAX = 1000;
/** Members and elements of one line, far more than attributes may have. Of millions parsing takes seconds and a gigabyte, too. */
const JSON_VALUES_MAX = 50_000;
/** In shorter lines neither can do harm, so they are parsed without a look at them. */
const UNSEEN_CHARS_MAX = 64 * 1024;

export type JsonParse = { ok: true; value: unknown } | { ok: false; detail: string };

/** Parses the text of one line; `detail` is a sentence's end. Never throws. */
export function parseJson(text: string): JsonParse {
  const nesting = text.length > UNSEEN_CHARS_MAX ? nestingOf(text) : undefined;
  if (nesting === 'deep') return { ok: false, detail: `must be nested at most ${JSON_DEPTH_MAX} deep` };
  if (nesting === 'wide') return { ok: false, detail: `must hold at most ${JSON_VALUES_MAX} values` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, detail: 'is not valid JSON' };
  }
}

/** How the brackets of a text's first value are: closed in it, still open at its end, too deep, or around too many values. */
export function nestingOf(text: string): 'closed' | 'open' | 'deep' | 'wide' {
  let depth = 0;
  let commas = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x22:
        index = closingQuote(text, index + 1);
        if (index < 0) return 'open';
        break;
      case 0x5b:
      case 0x7b:
        depth++;
        if (depth > JSON_DEPTH_MAX) return 'deep';
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        if (depth <= 0) return 'closed';
        break;
      case 0x2c:
        commas++;
        if (commas >= JSON_VALUES_MAX) return 'wide';
    }
  }
  return depth > 0 ? 'open' : 'closed';
}

function closingQuote(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5c) index++;
    else if (code === 0x22) return index;
  }
  return -1;
}
