/** Lines of context that a reader can choose around each match. */
export const CONTEXT_CHOICES = [0, 1, 2, 3, 5, 10, 20] as const;
