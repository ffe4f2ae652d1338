import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Functions shown of a profile. */
const TOP = 40;

/** Node's arguments that make a process write a CPU profile into the folder when it ends. */
export function profileArguments(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  mkdirSync(folder, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${path.resolve(folder)}`];
}

/** Prints where the processes that were profiled into the folder spent their own time, busiest process first. */
export function printProfiles(folder: string): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const profile = profileSchema.parse(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
    const nodes = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
    const own = new Map<string, number>();
    const byPart = new Map<string, number>();
    let busy = 0;
    profile.samples.forEach((id, index) => {
      const frame = nodes.get(id);
      if (!frame || frame.functionName === '(idle)' || frame.functionName === '(program)') return;
      const ms = (profile.timeDeltas[index] ?? 0) / 1000;
      const name = `${frame.functionName || '(anonymous)'} ${shorten(frame.url)}${frame.url ? `:${frame.lineNumber + 1}` : ''}`;
      own.set(name, (own.get(name) ?? 0) + ms);
      const part = partOf(frame.functionName, frame.url);
      byPart.set(part, (byPart.get(part) ?? 0) + ms);
      busy += ms;
    });
    console.log(`### ${file}: ${(busy / 1000).toFixed(1)} s busy\n`);
    printShares('part', byPart, busy);
    printShares('function', own, busy);
  }
}

function printShares(title: string, milliseconds: ReadonlyMap<string, number>, busy: number): void {
  console.log(`| share | ms | ${title} |\n|---|---|---|`);
  const sorted = [...milliseconds].sort(([, a], [, b]) => b - a).slice(0, TOP);
  for (const [name, ms] of sorted) console.log(`| ${((100 * ms) / busy).toFixed(1)} % | ${ms.toFixed(0)} | ${name} |`);
  console.log('');
}

/** Whose code it is: native functions without a file are Node's, called by whatever part is above them. */
function partOf(name: string, url: string): string {
  if (name === '(garbage collector)') return name;
  if (url === '') return `native ${name}`;
  if (url.startsWith('node:')) return url.replace(/^node:(internal\/)?/, 'node:').replace(/\/.*$/, '');
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return library ?? (url.includes('/.next/') ? 'route handlers' : 'stratal');
}

function shorten(url: string): string {
  return url.replace(/^file:\/\//, '').replace(/^.*\/(node_modules|dist|\.next)\//, '$1/');
}
