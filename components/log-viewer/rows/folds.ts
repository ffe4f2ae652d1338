/** More are looked through for those that are gone. */
const OPENED_MAX = 10_000;

/**
 * What a reader, or something that had to be seen, opened or closed. By hand wins over everything; what opened by itself
 * stays open, so that nothing closes under the reader's eyes. Ids may be of things that are not held now.
 */
export class Folds<Id> {
  readonly #byHand = new Map<Id, boolean>();
  readonly #opened = new Set<Id>();
  #all: boolean | undefined;

  /** All were closed by hand: what comes later is closed too. */
  get areAllClosed(): boolean {
    return this.#all === false;
  }

  isOpen(id: Id, fallback: boolean): boolean {
    return this.#byHand.get(id) ?? (this.#opened.has(id) || (this.#all ?? fallback));
  }

  setByHand(id: Id, isOpen: boolean): void {
    this.#byHand.set(id, isOpen);
    if (!isOpen) this.#opened.delete(id);
  }

  /** Opens it, unless it was closed by hand. */
  keepOpen(id: Id): void {
    this.#opened.add(id);
  }

  /** Opens it, also where it was closed by hand: the reader goes to a line inside. */
  reveal(id: Id): void {
    if (this.#byHand.get(id) === false) this.#byHand.delete(id);
    this.#opened.add(id);
  }

  /** Forgets what opened by itself and is gone: a log may open some thousand groups a second for days. */
  prune(isHeld: (id: Id) => boolean): void {
    if (this.#opened.size < OPENED_MAX) return;
    for (const id of this.#opened) if (!isHeld(id)) this.#opened.delete(id);
  }

  /** `known`: those that are held now, which nothing opens again by itself. */
  setAll(isOpen: boolean, known: Iterable<Id>): void {
    this.#byHand.clear();
    this.#opened.clear();
    this.#all = isOpen;
    for (const id of known) this.#byHand.set(id, isOpen);
  }
}
