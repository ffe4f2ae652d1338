import { readFileSync, writeFileSync } from 'node:fs';

/** Memory as Linux counts it; there is no other place to ask that needs no helper in the process itself. */
export const canMeasureMemory = process.platform === 'linux';

/** The greatest resident size of a process since `resetPeak`, in bytes. */
export function peakBytes(pid: number): number {
  return field(pid, 'VmHWM');
}

/** Resident size of a process now, in bytes. */
export function residentBytes(pid: number): number {
  return field(pid, 'VmRSS');
}

/** Makes the size now the peak (proc(5), clear_refs 5). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function field(pid: number, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no ${name}`);
  return Number(kib) * 1024;
}
