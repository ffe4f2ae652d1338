import { pause } from './terminal.mjs';

/** Structured lines, as services write them. */
function log(level, msg, fields = {}) {
  const stream = level >= 50 ? process.stderr : process.stdout;
  stream.write(`${JSON.stringify({ level, time: Date.now(), name: 'migrate', msg, ...fields })}\n`);
}

log(30, 'connected', { database: 'shop', host: 'db-1.internal', version: '16.4' });
const migrations = ['0041_voucher_codes', '0042_basket_currency', '0043_order_search_index'];
for (const [index, migration] of migrations.entries()) {
  await pause(700);
  log(20, 'applying', { migration });
  if (index === 2) {
    await pause(900);
    log(40, 'waiting for a lock', { migration, waited_ms: 900, blocking: { pid: 4711, query: 'VACUUM orders' } });
  }
  await pause(500);
  log(30, 'applied', { migration, duration_ms: 180 + index * 640, rows: index * 12_408 });
}
log(30, 'schema is up to date', { applied: migrations.length });
