import { config } from 'zod';

// zod compiles its parsers with `new Function` where it may, and asks by trying. Our content security policy forbids it,
// and Firefox reports the attempt on every page. Next.js runs this file before any other code of a page.
config({ jitless: true });
