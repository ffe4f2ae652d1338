import type { VirtualItem } from '@tanstack/react-virtual';

type RowKey = VirtualItem['key'];

/**
 * Which element of the page each row has. A row keeps its element as long as it is in the page; where most rows are new in
 * each frame, a new one takes the element of one that left: writing other text into it costs a page much less than making one.
 */
export class RowSlots {
  #slots = new Map<RowKey, number>();
  #made = 0;

  /**
   * A slot for each row, of which `keys` are given from the top down; the same keys once more get the same slots. Slots of rows that
   * left go to new rows in their order, so that rows which stay keep their places. Not `mayReuse`: new rows get new slots.
   */
  take(keys: readonly RowKey[], mayReuse: boolean): readonly number[] {
    const before = this.#slots;
    const free = mayReuse ? slotsWithout(before, new Set(keys)) : [];
    let taken = 0;
    const slots = keys.map((key) => before.get(key) ?? free[taken++] ?? this.#made++);
    this.#slots = new Map(keys.map((key, index) => [key, slots[index] ?? 0]));
    return slots;
  }
}

/** The slots of rows that are not wanted, from the top down. */
function slotsWithout(slots: ReadonlyMap<RowKey, number>, wanted: ReadonlySet<RowKey>): number[] {
  const free: number[] = [];
  for (const [key, slot] of slots) if (!wanted.has(key)) free.push(slot);
  return free;
}
