// What the sample's steps share: colours, groups, waiting.
const isFast = process.argv.includes('--fast');

const colour = (code) => (text) => (process.env.NO_COLOR ? text : `\u001b[${code}m${text}\u001b[0m`);
export const bold = colour('1');
export const dim = colour('2');
export const red = colour('31');
export const green = colour('32');
export const yellow = colour('33');
export const blue = colour('34');
export const cyan = colour('36');

/** Waits, or with --fast hardly so. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, isFast ? Math.min(ms, 2) : ms));
}

/** Prints lines one after the other. */
export async function say(lines, msBetween = 120) {
  for (const line of lines) {
    console.log(line);
    await pause(msBetween);
  }
}

/** A section that a reader can fold. */
export async function group(title, body) {
  console.log(`::group::${title}`);
  await body();
  console.log('::endgroup::');
}

/** A bar that redraws its line, as package managers and Docker draw it. */
export async function progress(label, total, unit, ms) {
  const steps = 24;
  for (let step = 0; step <= steps; step += 1) {
    const bar = '█'.repeat(step).padEnd(steps, '░');
    const done = Math.round((total * step) / steps);
    process.stdout.write(`\r${label} ${cyan(bar)} ${String(done).padStart(String(total).length)}/${total} ${unit}`);
    await pause(ms / steps);
  }
  process.stdout.write('\n');
}
