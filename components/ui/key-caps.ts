const MAC_CAPS: Record<string, string> = { Mod: '⌘', Shift: '⇧', Esc: 'Esc' };
const OTHER_CAPS: Record<string, string> = { Mod: 'Ctrl' };

/** What the caps of a chord say: `Mod+k` is ⌘ and K on Apple's systems, Ctrl and K elsewhere. */
export function keyCaps(chord: string, isMac: boolean): string[] {
  const caps = isMac ? MAC_CAPS : OTHER_CAPS;
  return chord.split('+').map((key) => caps[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** A chord as a word for a tooltip: `⌘K`, `Ctrl+K`, `Shift+E`. */
export function keyText(chord: string, isMac: boolean): string {
  return keyCaps(chord, isMac).join(isMac ? '' : '+');
}
