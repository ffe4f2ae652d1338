import { FrameStore } from '@/components/log-viewer/frame-store';

/** The times of the first and last line in sight. */
export interface Sight {
  from: string;
  to: string;
}

/** What is in sight, for those who draw it: told at every scroll, heard of once per frame, without rendering the viewer. */
export class SightStore {
  readonly store: FrameStore<Sight | undefined>;
  #sight: Sight | undefined;

  constructor() {
    this.store = new FrameStore(() => this.#sight);
  }

  readonly note = (sight: Sight | undefined): void => {
    this.#sight = sight;
    this.store.publish();
  };
}
