import fc from 'fast-check';

/** Lines that open and end groups, of every format, with names that meet often. */
const name = fc.constantFrom('a', 'b', 'c.d');
const sectionEnd = name.map((text) => `section_end:2:${text}\r\x1b[0K`);
const sectionStart = fc
  .tuple(name, fc.constantFrom('', '[collapsed=true]'))
  .map(([text, options]) => `section_start:1:${text}${options}\r\x1b[0KTitle`);

export const markerText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('::group::Build', '##[group]Test', '::endgroup::', '##[endgroup]', '2026-01-01T00:00:00Z ::group::x'),
  fc.constantFrom('--- one', '+++ two', '\x1b[90m~~~\x1b[0m three'),
  fc.array(sectionEnd, { minLength: 1, maxLength: 3 }).map((ends) => ends.join('')),
  sectionStart,
  fc.tuple(sectionEnd, sectionStart).map(([end, start]) => end + start),
);
