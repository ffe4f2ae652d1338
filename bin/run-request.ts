import { basename } from 'node:path';
import { z } from 'zod';
import { isId } from '@/lib/protocol/ids';

/** What `stratal run` was asked to do. */
export interface RunRequest {
  command: string;
  args: string[];
  /** The name of the run's job. */
  name: string;
  /** The id of the new run; absent: a new UUIDv7. */
  id?: string | undefined;
  task?: string | undefined;
  /** An existing run to join. */
  jobRun?: string | undefined;
  triggeredBy?: string | undefined;
  merge: boolean;
  tty: boolean;
  waitMs: number;
}

const id = z.string().refine(isId, 'must be 1 to 128 of A-Z a-z 0-9 . _ ~ -, beginning with a letter or digit');
const name = z.string().min(1, 'must not be empty').max(256, 'must have at most 256 characters');

const optionsSchema = z.object({
  name: name.optional(),
  id: id.optional(),
  task: name.optional(),
  jobRun: id.optional(),
  triggeredBy: name.optional(),
  merge: z.boolean().default(false),
  tty: z.boolean().default(false),
  wait: z
    .string()
    .regex(/^\d{1,6}(\.\d+)?$/, 'must be a number of seconds')
    .transform(Number)
    .default(30),
});

const OPTION_NAMES: Record<string, string> = { jobRun: '--job-run', triggeredBy: '--triggered-by' };

/** The request, or a sentence that says what is wrong with the options. */
export function parseRunRequest(options: unknown, words: readonly string[]): RunRequest | string {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const option = String(issue?.path[0] ?? '');
    return `${OPTION_NAMES[option] ?? `--${option}`} ${issue?.message ?? 'is not valid'}`;
  }
  const { wait, name, ...rest } = parsed.data;
  const [command, ...args] = words;
  if (command === undefined || command === '')
    return 'there is no command; write it after --, as in: stratal run -- make test';
  if (rest.merge && rest.tty) return '--merge and --tty exclude each other: a terminal is one stream already';
  const forNewRun = name !== undefined ? '--name' : rest.id !== undefined ? '--id' : undefined;
  if (rest.jobRun !== undefined && forNewRun)
    return `${forNewRun} is for a new run, but --job-run joins an existing one`;
  const baseName = basename(command) || command;
  return {
    ...rest,
    command,
    args,
    name: name ?? baseName,
    task: rest.task ?? (rest.jobRun === undefined ? undefined : baseName),
    waitMs: wait * 1000,
  };
}
