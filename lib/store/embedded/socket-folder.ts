import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionTo } from './connection';
import { embeddedError } from './embedded-error';
import { canExecute, ensurePrivateFolder, type ServiceUser } from './service-user';

/** What fits into a socket's address on every system (Linux: 108 bytes with the final zero; macOS: 104). */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

/** The folder for the socket: `home`, or a private one in the temporary folder where the path would be too long. */
export async function chooseSocketFolder(home: string, user: ServiceUser | undefined): Promise<string> {
  const short = `stratal-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`;
  for (const parent of ['', tmpdir(), '/tmp']) {
    const folder = parent === '' ? home : join(parent, short);
    if (Buffer.byteLength(connectionTo(folder, '').path) > SOCKET_PATH_BYTES_MAX) continue;
    if (parent !== '') {
      if (!canExecute(user, parent)) continue;
      await ensurePrivateFolder(folder, user);
    }
    return folder;
  }
  throw embeddedError(`The path of ${home} is too long for a unix socket, and so is that of every temporary folder.`);
}
