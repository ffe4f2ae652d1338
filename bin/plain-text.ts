import { stripAnsi } from '@/lib/terminal/strip-ansi';

/** One line of text that a terminal only shows: another program, such as a server that an address names, made a part of it. */
export function plainText(text: string): string {
  return stripAnsi(text).replace(/\p{Cc}/gu, ' ');
}
