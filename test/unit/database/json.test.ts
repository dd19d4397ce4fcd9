import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonText, plainText } from '../../../database/index.ts';

it('is plain JSON for all that PostgreSQL can keep', () => {
  fc.assert(
    fc.property(fc.object({ values: [fc.string(), fc.double(), fc.boolean(), fc.constant(null)] }), (value) => {
      const text = JSON.stringify(value);
      if (/\\u0000|\\ud[89a-f]/.test(text)) return;
      expect(jsonText(value)).toBe(text);
    }),
  );
});

it('never holds an escape that PostgreSQL refuses, and stays JSON of the same shape', () => {
  const odd = fc
    .array(fc.constantFrom('\0', '\\', '\\u0000', '\ud800', '\udc00', '😀', 'u0000', '"', 'a'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.dictionary(odd, odd), (value) => {
      const clean = (text: string) =>
        text
          .replaceAll('\0', '\ufffd')
          .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
      const expected = Object.fromEntries(Object.entries(value).map(([key, text]) => [clean(key), clean(text)]));
      expect(Object.keys(JSON.parse(jsonText(value))).sort()).toEqual(Object.keys(expected).sort());
      for (const text of Object.values<string>(JSON.parse(jsonText(value)))) expect(text).toBe(clean(text));
    }),
  );
});

it('takes NUL out of text and cuts it to its limit', () => {
  expect(plainText('a\0b')).toBe('a\ufffdb');
  expect(plainText('abcdef', 4)).toBe('abc…');
  expect(plainText('abcd', 4)).toBe('abcd');
});
