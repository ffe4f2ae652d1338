import { bold, dim, say, yellow } from './terminal.mjs';

await say([dim('$ eslint src --max-warnings 10')], 900);
await say(
  [
    '',
    bold('src/basket/total.ts'),
    `  41:9   ${yellow('warning')}  Unexpected console statement      no-console`,
    `  77:14  ${yellow('warning')}  'discount' is never reassigned    prefer-const`,
    '',
    bold('src/checkout/payment.ts'),
    `  12:1   ${yellow('warning')}  Missing return type on function   explicit-function-return-type`,
    '',
    yellow('✖ 3 problems (0 errors, 3 warnings)'),
  ],
  350,
);
