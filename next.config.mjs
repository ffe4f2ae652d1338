/** @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run verify` checks the types of everything; once more here would only delay the first start.
  typescript: { ignoreBuildErrors: true },
  // No page has images to resize; the address would be an open way to the processor and the disk.
  images: { unoptimized: true },
  // Browsers and tools ask for it by this name where a page has not named its icon, or not yet.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/favicon.svg' }],
  // Loaded by server.ts as well: bundling them a second time would make a second copy in one process.
  serverExternalPackages: ['postgres', 'pino', '@lydell/node-pty'],
};
