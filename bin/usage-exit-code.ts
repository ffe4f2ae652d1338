/** What a command ends with that was called wrongly. */
export const USAGE_EXIT_CODE = 2;
