const SAFE_HREF = /^(?:https?:\/\/|mailto:)[^\s\p{Cc}]+$/iu;
/** As VTE: longer addresses are no links, so that a line cannot carry megabytes of them. */
export const HREF_CHARS_MAX = 2083;

/** The address if it is safe behind a link in a page (http, https, mailto), else undefined. Log text is hostile. */
export function safeHref(address: string): string | undefined {
  return address.length <= HREF_CHARS_MAX && SAFE_HREF.test(address) ? address : undefined;
}
