/** Settings of every Postgres that Stratal starts: reached through a private socket alone, messages in English, UTC. */
export function commonSettings(socketDir: string): Record<string, string> {
  return {
    listen_addresses: '',
    port: '5432',
    // A list of folders: quotes keep one with commas or spaces whole.
    unix_socket_directories: `"${socketDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    // A backend whose client was killed ends within a second, also amid a statement, and lets go of its locks.
    client_connection_check_interval: '1s',
    lc_messages: 'C',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
}

/** What the embedded database adds: every acknowledged commit survives a power cut. */
export function durableSettings(socketDir: string): Record<string, string> {
  return {
    ...commonSettings(socketDir),
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    max_connections: '100',
    shared_buffers: '128MB',
    // Stratal's statements are short or read in pieces; compiling them or sharing them among processes only costs.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
  };
}
