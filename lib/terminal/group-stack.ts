import type { GroupMarker } from './groups';

/** What pairing needs to know of a marker. */
export type GroupMark = Pick<GroupMarker, 'kind' | 'name' | 'closes'>;

/** Groups inside each other. */
const DEPTH_MAX = 64;

/**
 * The groups that one task run has open while its lines are gone through in order. The one place that says which marker
 * ends which group; those who count and those who show agree by it.
 */
export class GroupStack<Group extends { marker: GroupMark }> {
  readonly #open: Group[] = [];

  /** Outermost first. */
  get open(): readonly Group[] {
    return this.#open;
  }

  get innermost(): Group | undefined {
    return this.#open.at(-1);
  }

  /** Deeper than any program means to go, a marker is a line like others. */
  isLine({ kind }: GroupMark): boolean {
    return kind !== 'end' && this.#open.length >= DEPTH_MAX;
  }

  /** A group that begins here, after `end` was called with its marker. */
  push(group: Group): void {
    this.#open.push(group);
  }

  /**
   * Ends what a marker ends, and whatever inside it has no end of its own: a header the header before it, a GitLab section
   * those that ended earlier in its line, an end its start. The outermost group of the last that ended.
   */
  end(marker: GroupMark, onEnd: (group: Group) => void): Group | undefined {
    let ended: Group | undefined;
    const cut = (at: number) => {
      if (at === -1) return;
      const groups = this.#open.splice(at);
      for (const group of groups) onEnd(group);
      ended = groups[0];
    };
    const cutNamed = (name: string) => cut(this.#open.findLastIndex((group) => group.marker.name === name));
    if (marker.kind === 'header' && this.innermost?.marker.kind === 'header') cut(this.#open.length - 1);
    for (const name of marker.closes ?? []) cutNamed(name);
    if (marker.kind !== 'end') return ended;
    if (marker.name !== undefined) cutNamed(marker.name);
    else cut(this.#open.findLastIndex((group) => group.marker.kind === 'start' && group.marker.name === undefined));
    return ended;
  }
}
