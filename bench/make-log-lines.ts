const WORDS =
  'fetch build cache test worker module request order invoice retry index chunk render deploy queue token'.split(' ');

/** Text of about 120 bytes a line, repeatable: what a service logs. */
export function makeText(index: number): string {
  const word = (step: number) => WORDS[(index * 7 + step * 13) % WORDS.length];
  const id = ((index * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0');
  return `${word(1)}: ${word(2)} ${word(3)} id=${id} user=${index % 997} path=/api/v2/${word(4)}/${index % 5000} took ${(index * 37) % 900} ms, ${word(5)} ${word(6)} ${word(7)} ok`;
}

export interface BodyOptions {
  /** The run that each line names. */
  run?: string;
  /** Index of the first line. */
  firstIndex?: number;
  /** Text behind a line's own. */
  extra?: (index: number) => string;
}

/** NDJSON bodies of `size` lines each, `bodies` of them. One line in twelve is a warning. */
export function makeBodies(bodies: number, size: number, options: BodyOptions = {}): Buffer[] {
  const { run, firstIndex = 0, extra } = options;
  return Array.from({ length: bodies }, (_, body) => {
    let text = '';
    for (let line = 0; line < size; line++) {
      const index = firstIndex + body * size + line;
      const level = index % 12 === 5 ? 'warn' : 'info';
      const message = extra ? makeText(index) + extra(index) : makeText(index);
      text += `${JSON.stringify({ ...(run && { job_run_id: run }), level, message })}\n`;
    }
    return Buffer.from(text);
  });
}
