/** The cookie that holds a person's choice; absent means the system's colours. */
export const THEME_COOKIE = 'stratal-theme';

export type Theme = 'system' | 'light' | 'dark';

/** The theme that a cookie's value names; anything unknown is the system's. */
export function themeOf(cookie: string | undefined): Theme {
  return cookie === 'light' || cookie === 'dark' ? cookie : 'system';
}
