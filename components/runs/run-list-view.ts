/** What a list of runs is asked for; '' restricts nothing. */
export interface RunListView {
  q: string;
  status: string;
  after: string;
}

export const RUNS_PER_PAGE = 50;
