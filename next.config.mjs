/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  // Loaded by server.ts as well: bundling them a second time would make a second copy in one process.
  serverExternalPackages: ['postgres', 'pino', '@lydell/node-pty'],
};
