import assert from 'node:assert/strict';
import { it } from 'node:test';
import { targetOf } from './link-target';

it('a link tells the host that it goes to, whatever its text and letters', () => {
  for (const [href, expected] of [
    ['https://example.org/a?b=c', 'Opens example.org: https://example.org/a?b=c'],
    ['https://github.com@evil.example/', 'Opens evil.example: https://github.com@evil.example/'],
    [
      'https://\u0430pple.com/',
      'Opens xn--pple-43d.com (written with letters of other alphabets): https://xn--pple-43d.com/',
    ],
    ['http://[::1]:80', 'Opens [::1]: http://[::1]/'],
    ['mailto:a@b.example', 'Writes to a@b.example'],
    ['https://', 'Opens https://'],
  ] as const) {
    assert.equal(targetOf(href), expected);
  }
});
