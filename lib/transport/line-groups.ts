/** Lines written in one go where all of them are ASCII: enough to spare most calls, few enough to stay small. */
const GROUP_LINES = 32;

/** Makes the texts of lines `from` to `to` (exclusive), group by group; `write` gets a group and the index of its first line. */
export function writeInGroups(
  from: number,
  to: number,
  textOf: (index: number) => string,
  write: (texts: readonly string[], start: number) => void,
): void {
  for (let start = from; start < to; start += GROUP_LINES) {
    const texts: string[] = [];
    for (let index = start; index < Math.min(start + GROUP_LINES, to); index++) texts.push(textOf(index));
    write(texts, start);
  }
}
