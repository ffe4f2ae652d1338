import { execFile } from 'node:child_process';
import { hostname } from 'node:os';
import type { Metadata } from '@/lib/protocol/run';

const GIT_TIMEOUT_MS = 3000;

/** Where and how a command runs. */
export function describeCommand(command: readonly string[]): Metadata {
  return { host: hostname(), ...workingFolder(), command: command.map(quoteForShell).join(' ') };
}

/** Absent where the folder was deleted under us. */
function workingFolder(): { cwd?: string } {
  try {
    return { cwd: process.cwd() };
  } catch {
    return {};
  }
}

/** The remote and commit of the git work tree that we are in; what cannot be told is absent. */
export async function describeGit(environment: NodeJS.ProcessEnv): Promise<Metadata> {
  const git = (...args: string[]) => readGit(args, environment);
  const [commit, remotes, origin] = await Promise.all([
    git('rev-parse', '--verify', 'HEAD'),
    git('config', '--get-regexp', '^remote\\..*\\.url$'),
    git('remote', 'get-url', 'origin'),
  ]);
  const remote = origin ?? remotes?.split('\n')[0]?.replace(/^\S+ /, '');
  return {
    ...(remote !== undefined && { git_remote: withoutCredentials(remote) }),
    ...(commit !== undefined && { git_commit: commit }),
  };
}

/** A remote's address without what could be a secret in it: user and password, query and fragment. */
export function withoutCredentials(remote: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?([^?#]*)/i.exec(remote);
  // Without a scheme it is `user@host:path`, which takes no password, or a local path.
  if (!match) return remote;
  const [, scheme = '', userInfo, rest = ''] = match;
  const isSsh = /ssh/i.test(scheme);
  const user = isSsh && userInfo !== undefined ? `${userInfo.split(':')[0]}@` : '';
  return `${scheme}${user}${rest}`;
}

function readGit(args: string[], environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const env = { ...environment, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
  return new Promise((resolve) => {
    execFile('git', args, { env, timeout: GIT_TIMEOUT_MS }, (error, stdout) => {
      const text = stdout.trim();
      resolve(error || text === '' ? undefined : text);
    });
  });
}

function quoteForShell(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
