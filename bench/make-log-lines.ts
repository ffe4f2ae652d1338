const WORDS =
  'fetch build cache test worker module request order invoice retry index chunk render deploy queue token'.split(' ');

/** Text of about 120 bytes a line, repeatable: what a service logs. */
export function makeText(index: number): string {
  const word = (step: number) => WORDS[(index * 7 + step * 13) % WORDS.length];
  const id = ((index * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0');
  return `${word(1)}: ${word(2)} ${word(3)} id=${id} user=${index % 997} path=/api/v2/${word(4)}/${index % 5000} took ${(index * 37) % 900} ms, ${word(5)} ${word(6)} ${word(7)} ok`;
}

/** NDJSON bodies of `size` lines each, `bodies` of them. */
export function makeBodies(bodies: number, size: number, run?: string): Buffer[] {
  return Array.from({ length: bodies }, (_, body) => {
    let text = '';
    for (let line = 0; line < size; line++) {
      const index = body * size + line;
      text += `${JSON.stringify({ ...(run && { job_run_id: run }), level: 'info', message: makeText(index) })}\n`;
    }
    return Buffer.from(text);
  });
}
