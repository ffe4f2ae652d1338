/** Which jobs a principal sees: all, or those whose name fits one of the patterns, in which `*` stands for any text. */
export type VisibleJobs = 'all' | readonly string[];

/** True where runs of the job of this name may be shown. */
export function seesJob(jobs: VisibleJobs, jobName: string): boolean {
  return jobs === 'all' || jobs.some((pattern) => fits(pattern.split('*'), jobName));
}

/** The pattern's parts occur in order, the first at the begin and the last at the end of the name. */
function fits(parts: readonly string[], name: string): boolean {
  const [first = '', ...rest] = parts;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    if (index === rest.length - 1) return name.length - at >= part.length && name.endsWith(part);
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at === name.length;
}
