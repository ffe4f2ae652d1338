/**
 * About how many instructions a pattern in RE2 syntax compiles to: one for each atom, times the counts in `{ }` around it.
 * Cheap and tolerant: it reads only escapes, classes, groups and counts, and leaves the syntax to the compiler.
 */
export function estimateProgramSize(pattern: string): number {
  /** Sizes of the groups around the place, outermost first; the last one is the group that is being read. */
  const groups = [0];
  let atom = 0;
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index];
    if (char === '(') {
      groups.push(2);
      atom = 0;
      continue;
    }
    if (char === ')' && groups.length > 1) {
      atom = groups.pop() ?? 0;
    } else if (char === '{') {
      const count = COUNT.exec(pattern.slice(index, index + COUNT_CHARS_MAX));
      if (count) {
        const least = Number(count[1] ?? 0);
        const most = Math.max(least, Number(count[2] ?? 0));
        // An optional copy takes an instruction more, and the atom itself has been added once.
        const size = atom * least + (atom + 1) * (most - least);
        addToLast(groups, Math.max(0, size - atom));
        atom = Math.max(atom, size);
        index += count[0].length - 1;
        continue;
      }
      atom = 1;
    } else {
      if (char === '\\') index = skipEscape(pattern, index);
      else if (char === '[') index = skipClass(pattern, index);
      atom = 1;
    }
    addToLast(groups, atom);
  }
  return groups.reduce((sum, size) => sum + size, 0);
}

const COUNT = /^\{(\d{1,4})(?:,(\d{1,4})?)?\}/;
const COUNT_CHARS_MAX = 12;

function addToLast(groups: number[], size: number): void {
  groups[groups.length - 1] = (groups[groups.length - 1] ?? 0) + size;
}

/** The index of an escape's last character; `\pL`, `\p{Greek}` and `\x{10FFFF}` take more than one. */
function skipEscape(pattern: string, index: number): number {
  const next = pattern[index + 1];
  if ((next === 'p' || next === 'P' || next === 'x') && pattern[index + 2] === '{') {
    const close = pattern.indexOf('}', index);
    if (close > 0) return close;
  }
  return index + 1;
}

/** The index of a class's closing bracket, or the pattern's last one where it is not closed. */
function skipClass(pattern: string, start: number): number {
  let index = start + 1;
  if (pattern[index] === '^') index++;
  // A bracket in the first place is a member of the class.
  if (pattern[index] === ']') index++;
  for (; index < pattern.length; index++) {
    if (pattern[index] === '\\') index++;
    else if (pattern[index] === ']') return index;
  }
  return pattern.length - 1;
}
