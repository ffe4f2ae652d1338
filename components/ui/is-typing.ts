/** Inputs that take no text: letters pressed on them are shortcuts. */
const TEXTLESS = new Set(['button', 'checkbox', 'radio', 'range', 'reset', 'submit', 'file', 'color']);

/** True where a key pressed on this element is text, not a command. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !TEXTLESS.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
