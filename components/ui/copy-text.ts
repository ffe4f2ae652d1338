/**
 * Puts a text on the clipboard, also one that is still on its way: browsers want to hear of it while the press that asked
 * for it is fresh. Resolves to whether that worked. Pages that are not secure have no Clipboard API: there the
 * older command is used.
 */
export async function copyText(text: string | Promise<string>): Promise<boolean> {
  try {
    if (typeof text === 'string') {
      if (!navigator.clipboard) return copyByCommand(text);
      await navigator.clipboard.writeText(text);
      return true;
    }
    if (!navigator.clipboard?.write || typeof ClipboardItem === 'undefined') return copyByCommand(await text);
    const blob = text.then((known) => new Blob([known], { type: 'text/plain' }));
    await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
    return true;
  } catch {
    return false;
  }
}

function copyByCommand(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.style.cssText = 'position:fixed;inset:0;opacity:0;pointer-events:none';
  document.body.append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isDone;
}
