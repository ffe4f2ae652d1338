import { parseArgs } from 'node:util';
import { z } from 'zod';

const numbers = z
  .string()
  .transform((text) => text.split(',').map(Number))
  .pipe(z.array(z.number().positive()).min(1));
const number = z.coerce.number().int().positive();

const optionsSchema = z.strictObject({
  readers: numbers.optional(),
  rounds: number.optional(),
  transports: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
  'in-flight': number.optional(),
  'post-lines': number.optional(),
  seconds: number.optional(),
  /** A folder: Stratal's server is profiled into it, and the busiest functions are printed. */
  profile: z.string().optional(),
  lines: numbers.optional(),
  runs: numbers.optional(),
});

/** What a bench may be told; what is absent is the bench's own choice. */
export type BenchOptions = z.infer<typeof optionsSchema>;

/** Names of benches and options `--name=value` from the command line. Throws a sentence on an unknown option or a bad value. */
export function parseBenchArguments(args: string[]): { names: string[]; options: BenchOptions } {
  const names = Object.keys(optionsSchema.shape);
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  });
  return { names: positionals, options: optionsSchema.parse(values) };
}
