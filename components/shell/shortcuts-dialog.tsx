'use client';

import { Dialog } from '@/components/ui/dialog';
import { Keys } from '@/components/ui/keys';
import { SHORTCUT_GROUPS, SHORTCUTS, type Shortcut } from './shortcuts';

/** All shortcuts, by group. */
export function ShortcutsDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Keyboard shortcuts"
      description="Those of the log work on a run’s page, while no text is being typed."
      className="max-w-3xl"
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div tabIndex={0} className="gap-x-8 overflow-y-auto px-4 py-3 outline-offset-[-2px] sm:columns-2">
        {SHORTCUT_GROUPS.map((group) => (
          <section key={group} aria-label={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 text-fg-faint text-xs">{group}</h3>
            <dl>
              {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
                <Entry key={shortcut.id} shortcut={shortcut} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function Entry({ shortcut: { title, chords, note } }: { shortcut: Shortcut }) {
  return (
    <div className="flex min-h-7 items-center gap-3 border-edge border-b py-1 last:border-0">
      <dt className="min-w-0 flex-1 text-13">
        {title}
        {note !== undefined && <span className="ml-1.5 text-2xs text-fg-faint">{note}</span>}
      </dt>
      <dd className="flex shrink-0 items-center gap-1.5">
        {chords.map((chord, index) => (
          <span key={chord} className="inline-flex items-center gap-1.5">
            {index > 0 && <span className="text-2xs text-fg-faint">or</span>}
            <Keys chord={chord} />
          </span>
        ))}
      </dd>
    </div>
  );
}
