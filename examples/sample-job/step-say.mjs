import { setTimeout as delay } from 'node:timers/promises';

/** Prints lines as a program at work does: one by one, each after a little while. */
export async function say(lines, ms = 120, stream = process.stdout) {
  for (const line of lines) {
    stream.write(`${line}\n`);
    await delay(ms * (0.4 + Math.random() * 1.2));
  }
}

/** A progress bar that redraws one line with carriage returns and ends as one line. */
export async function progress(label, steps, ms) {
  const width = 28;
  for (let step = 0; step <= steps; step++) {
    const filled = Math.round((step / steps) * width);
    const bar = `\x1b[36m${'█'.repeat(filled)}\x1b[90m${'░'.repeat(width - filled)}\x1b[0m`;
    process.stdout.write(`\r${label} ${bar} ${String(Math.round((step / steps) * 100)).padStart(3)} %`);
    await delay(ms);
  }
  process.stdout.write('\n');
}

export { delay };
