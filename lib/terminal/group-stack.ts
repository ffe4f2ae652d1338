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
   * those that ended earlier in its line, an end its start. Gives the outermost group that an end ended.
   */
  end(marker: GroupMark, onEnd: (group: Group) => void): Group | undefined {
    let ended: Group | undefined;
    if (marker.kind === 'header' && this.innermost?.marker.kind === 'header') this.#cut(this.#open.length - 1, onEnd);
    if (marker.closes !== undefined) {
      for (const name of marker.closes) ended = this.#cut(this.#lastNamed(name), onEnd) ?? ended;
    }
    if (marker.kind !== 'end') return undefined;
    const at = marker.name === undefined ? this.#lastStart() : this.#lastNamed(marker.name);
    return this.#cut(at, onEnd) ?? ended;
  }

  /** Ends a group and those inside it; gives it back. */
  #cut(at: number, onEnd: (group: Group) => void): Group | undefined {
    const outermost = this.#open[at];
    if (outermost === undefined) return undefined;
    for (let index = at; index < this.#open.length; index++) {
      const group = this.#open[index];
      if (group) onEnd(group);
    }
    this.#open.length = at;
    return outermost;
  }

  #lastNamed(name: string): number {
    let at = this.#open.length - 1;
    while (at >= 0 && this.#open[at]?.marker.name !== name) at -= 1;
    return at;
  }

  #lastStart(): number {
    let at = this.#open.length - 1;
    while (at >= 0 && !isPlainStart(this.#open[at]?.marker)) at -= 1;
    return at;
  }
}

/** A start that an end without a name ends. */
function isPlainStart(marker: GroupMark | undefined): boolean {
  return marker?.kind === 'start' && marker.name === undefined;
}
