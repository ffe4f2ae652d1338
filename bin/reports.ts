import type { ProducerReport } from '@/lib/logger/producer';
import type { SpoolReport } from '@/lib/logger/waiting-spools';

/** What the user must know after a run: what was not delivered, why, and where it is. Nothing when all went well. */
export function describeProducerEnd(report: ProducerReport, url: string): string[] {
  const sentences: string[] = [];
  const { waitingLines, lostLines, directory } = report;
  const why = report.trouble === undefined ? '' : ` (${report.trouble})`;
  if (report.end !== 'delivered' && directory !== undefined) {
    const what = waitingLines === 0 ? 'the end of the run was' : `${lines(waitingLines)} ${were(waitingLines)}`;
    const server = report.end === 'refused' ? `refused by ${url}` : `not delivered to ${url}`;
    const then =
      report.end === 'refused'
        ? `kept in ${directory}; \`stratal flush\` tries again`
        : `kept in ${directory}; the next \`stratal run\` to this server, or \`stratal flush\`, delivers them`;
    sentences.push(`${what} ${server}${why}, and ${then}`);
  }
  if (report.end !== 'delivered' && directory === undefined && lostLines === 0) {
    sentences.push(`the end of the run was not delivered to ${url}${why}`);
  }
  if (lostLines > 0) {
    sentences.push(
      `${lines(lostLines)} ${were(lostLines)} lost: the server was away and the spool folder takes no more${why}`,
    );
  }
  return [...sentences, ...describeServer(report)];
}

/** What became of an earlier process's lines; undefined where there is nothing to say. */
export function describeWaitingSpool(report: SpoolReport): string | undefined {
  const { jobRunId, waitingLines, deliveredLines, directory } = report;
  const why = report.trouble === undefined ? '' : ` (${report.trouble})`;
  const notices = describeServer(report).map((notice) => `; ${notice}`);
  switch (report.end) {
    case 'delivered':
      return `delivered ${lines(deliveredLines)} that waited for run ${jobRunId}${notices.join('')}`;
    case 'refused':
      return `${report.url} refuses ${lines(waitingLines)} of run ${jobRunId}${why}; they stay in ${directory}${notices.join('')}`;
    default:
      return `${lines(waitingLines)} of run ${jobRunId} still wait${waitingLines === 1 ? 's' : ''} in ${directory} for ${report.url}${why}`;
  }
}

function describeServer(report: { notices: string[]; missingLines: number }): string[] {
  if (report.missingLines === 0) return report.notices;
  const { missingLines } = report;
  return [
    ...report.notices,
    `${lines(missingLines)} of the run ${missingLines === 1 ? 'is' : 'are'} kept nowhere any more`,
  ];
}

function lines(count: number): string {
  return `${count} line${count === 1 ? '' : 's'}`;
}

function were(count: number): string {
  return count === 1 ? 'was' : 'were';
}
