/**
 * Text as it may be put on the clipboard: without control characters except tabs and line feeds, which a page does not show
 * and a terminal would carry out, and without line feeds at its end, with which a shell would run it.
 */
export function copyableText(text: string): string {
  const clean = text.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
  let end = clean.length;
  while (clean[end - 1] === '\n') end--;
  return clean.slice(0, end);
}
