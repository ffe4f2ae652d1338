'use server';

import { cookies } from 'next/headers';
import { THEME_COOKIE, type Theme, themeOf } from '@/components/ui/theme';

const YEAR_SECONDS = 31_536_000;

/** Keeps a person's choice of theme in a cookie; the system's theme needs none. */
export async function chooseTheme(theme: Theme): Promise<void> {
  const jar = await cookies();
  const chosen = themeOf(theme);
  if (chosen === 'system') jar.delete(THEME_COOKIE);
  else jar.set(THEME_COOKIE, chosen, { path: '/', maxAge: YEAR_SECONDS, sameSite: 'lax', httpOnly: true });
}
