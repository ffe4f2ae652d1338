import Link from 'next/link';
import type { Theme } from '@/components/ui/theme';
import { NavLink } from './nav-link';
import { ShellCommands } from './shell-commands';
import { ThemeControl } from './theme-control';

/** The slim bar above every page. */
export function TopBar({ theme, saveTheme }: { theme: Theme; saveTheme: (theme: Theme) => Promise<void> }) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b bg-canvas px-3 sm:px-4">
      <Link href="/" className="mr-2 flex items-center gap-2 rounded px-1 font-semibold text-sm tracking-tight sm:mr-4">
        <Mark />
        Stratal
      </Link>
      <nav aria-label="Main" className="flex items-center gap-0.5">
        <NavLink href="/" also="/job-runs">
          Runs
        </NavLink>
        <NavLink href="/live">Live</NavLink>
        <NavLink href="/status">Status</NavLink>
      </nav>
      <div className="ml-auto flex items-center gap-1">
        <ShellCommands />
        <ThemeControl initial={theme} save={saveTheme} />
      </div>
    </header>
  );
}

/** Three strata: the product's mark. */
function Mark() {
  return (
    <svg aria-hidden viewBox="0 0 16 16" className="size-4" fill="none" strokeLinecap="round" strokeWidth="2">
      <path d="M2 4h12" stroke="currentColor" />
      <path d="M2 8h8" stroke="currentColor" opacity=".55" />
      <path d="M2 12h10" stroke="var(--accent)" />
    </svg>
  );
}
