import { createServer } from 'node:http';
import next from 'next';
import { refuseToListen } from '@/lib/auth/authorize';
import { ConfigError, readServerConfig, type ServerConfig } from '@/lib/config/server';
import { isStratalError } from '@/lib/errors/stratal-error';
import { openLogger } from '@/lib/observability/logger';
import { startSampleJob } from '@/lib/sample-job';
import { createStratal } from '@/lib/stratal';

/** A signal this soon after the first is the same one. */
const SECOND_SIGNAL_MS = 1000;

// Whoever read our output may go before we do; a closed pipe must not become an error that is itself reported there.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** The shell: one HTTP server with Next and Stratal on it, and the signals that stop them. */
async function main(): Promise<void> {
  const config = readServerConfig();
  const refusal = refuseToListen(config.host);
  if (refusal !== undefined) throw new ConfigError(refusal);
  const stratal = await createStratal(config, openLogger('info'));

  // Next would answer upgrades itself, and end our sockets: it gets a server that never listens and only hears its own.
  const nextUpgrades = createServer();
  // Headers that take too long are looked for every second, not every half minute; a missing Host is told in words that Node has not.
  const server = createServer({ connectionsCheckingInterval: 1000, requireHostHeader: false });
  const app = next({ dev: config.dev, hostname: config.host, port: config.port, httpServer: nextUpgrades });
  const sample: { stop?: () => void } = {};
  let stopping: Promise<void> | undefined;
  let stoppingSince = 0;
  const stop = (signal: string) => {
    // Under npm, Ctrl-C arrives twice, from the terminal and from npm: only a later one means "at once".
    if (stopping && Date.now() - stoppingSince < SECOND_SIGNAL_MS) return;
    if (stopping) process.exit(1);
    stoppingSince = Date.now();
    stopping = (async () => {
      process.stderr.write(`\nStratal: ${signal}, stopping: readers are told to reconnect.\n`);
      sample.stop?.();
      await stratal.stop();
      await app.close();
      process.exit(0);
    })();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));

  try {
    await app.prepare();
    stratal.attach(server, app.getRequestHandler(), config.dev ? nextUpgrades : undefined);
    await listen(server, config);
  } catch (error) {
    await stratal.stop();
    throw error;
  }
  const own = addressOf(server, config);
  process.stderr.write(`Stratal is ready: ${config.baseUrl?.replace(/\/$/, '') ?? own}\n`);
  // Not by the address that people use: a proxy there may want them to sign in.
  if (config.sample) sample.stop = await startSampleJob(stratal.runtime, own);
}

function listen(server: ReturnType<typeof createServer>, config: ServerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Where the server listens, as a URL of this machine. */
function addressOf(server: ReturnType<typeof createServer>, config: ServerConfig): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host === '127.0.0.1' || config.host === '::1' ? 'localhost' : config.host;
  return `http://${host}:${port}`;
}

/** What stops a start, as a sentence; a stack only where the fault is ours. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || isStratalError(error)) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return 'The port is in use: stop the other program, or choose another port with PORT=8081 npm start.';
    case 'EACCES':
      return 'PORT: this user may not listen on it; choose one from 1024 on, such as PORT=8080.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'HOST: this machine has no such address; leave it out for 127.0.0.1.';
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`Stratal cannot start.\n${explain(error)}\n`);
  process.exit(1);
});
