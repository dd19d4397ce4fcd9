import { expect, test } from 'vitest';
import { webhookDedupeKey } from '../../../skipup/index.ts';

const body = '{"event":"test","timestamp":"2025-01-20T14:30:00Z","message":"Test webhook delivery"}';

test('the key is SHA-256 of the raw body, the same for text and bytes', () => {
  // sha256sum
  const expected = '6d194480477d0c0a5f2a193f36fd305f3a232925c5edc355e4c8abe6be692e86';
  expect(webhookDedupeKey(body)).toBe(expected);
  expect(webhookDedupeKey(Buffer.from(body))).toBe(expected);
});

test('another byte is another key', () => {
  expect(webhookDedupeKey(`${body} `)).not.toBe(webhookDedupeKey(body));
});

test('a parsed body has no key', () => {
  expect(() => Reflect.apply(webhookDedupeKey, undefined, [JSON.parse(body)])).toThrow(
    expect.objectContaining({ code: 'malformed_body' }),
  );
});
