/** The part of a text that a fault is about: from its place to the end of that word, or the character before the end. */
export function faultyPart(text: string, at: number): { start: number; end: number } {
  const start = Math.max(0, Math.min(at, text.length - 1));
  const length = text.slice(start).search(/.(?=\s|$)/su) + 1;
  return { start, end: Math.min(text.length, start + Math.max(1, length)) };
}
