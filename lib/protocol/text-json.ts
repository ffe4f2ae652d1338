/** A JSON object at the end of a text. */
export interface JsonInText {
  /** Where its brace stands; before it may be a time that a runner put in front. */
  start: number;
  value: object;
}

/** The object that a text ends with, from its first brace on; undefined where that is no JSON. */
export function jsonObjectIn(text: string): JsonInText | undefined {
  const start = text.indexOf('{');
  if (start < 0 || !/\}\s*$/.test(text.slice(-16))) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(start));
    return typeof value === 'object' && value !== null ? { start, value } : undefined;
  } catch {
    return undefined;
  }
}
