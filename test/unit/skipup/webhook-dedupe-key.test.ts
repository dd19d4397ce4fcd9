import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../skipup/canonical-json.ts';
import { webhookDedupeKey, webhookDedupeKeyOf } from '../../../skipup/index.ts';
import { clientOf, json, loopback } from './loopback.ts';

const body = '{"event":"test","timestamp":"2025-01-20T14:30:00Z","message":"Test webhook delivery"}';
// printf '%s' '{"event":"test","message":"Test webhook delivery","timestamp":"2025-01-20T14:30:00Z"}' | sha256sum
const KEY = '5888f08fb7cf9612871f564f12d093fbebbe182379dc2fae15a2eeb70ac0ad77';
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

test('the key is SHA-256 of the canonical JSON, the same for text, for bytes and for what was parsed', () => {
  expect(webhookDedupeKey(body)).toBe(KEY);
  expect(webhookDedupeKey(Buffer.from(body))).toBe(KEY);
  expect(webhookDedupeKeyOf(JSON.parse(body))).toBe(KEY);
});

test.each([
  [
    'its keys in another order',
    '{"message":"Test webhook delivery","timestamp":"2025-01-20T14:30:00Z","event":"test"}',
  ],
  ['spaces and a line break at its end', `${JSON.stringify(JSON.parse(body), null, 2)}\n`],
  ['a byte order mark', `\ufeff${body}`],
  ['letters escaped', body.replace('test', '\\u0074est')],
])('the same event with %s has the same key', (_name, other) => {
  expect(webhookDedupeKey(other)).toBe(KEY);
  expect(webhookDedupeKey(Buffer.from(other))).toBe(KEY);
});

test.each([
  ['a value', body.replace('Test', 'test')],
  ['its time', body.replace('14:30:00', '14:30:01')],
  ['one field more', body.replace('{', '{"x":null,')],
])('another event by %s has another key', (_name, other) => {
  expect(webhookDedupeKey(other)).not.toBe(KEY);
});

test('the order of a list is part of the event, at every depth', () => {
  expect(webhookDedupeKey('{"a":[{"b":[1,2]}]}')).not.toBe(webhookDedupeKey('{"a":[{"b":[2,1]}]}'));
  expect(webhookDedupeKey('{"a":[{"c":1,"b":2}]}')).toBe(webhookDedupeKey('{"a":[{"b":2,"c":1}]}'));
});

test.each<[string, Uint8Array]>([
  ['no JSON', Buffer.from('event=test')],
  ['JSON that breaks off', Buffer.from('{"event":"te')],
  ['empty', Buffer.from('')],
  ['no UTF-8', Buffer.from('{"event":"a\xff"}', 'latin1')],
])('a body that is %s has the key of its bytes', (_name, bytes) => {
  expect(webhookDedupeKey(bytes)).toBe(sha256(bytes));
});

test('a body nested a quarter of a million deep has a key, and the same one when it was parsed', () => {
  const deep = `{"event":"a","x":${'[{"y":'.repeat(125_000)}1${'}]'.repeat(125_000)}}`;
  expect(webhookDedupeKey(deep)).toBe(sha256(deep));
  expect(webhookDedupeKeyOf(JSON.parse(deep))).toBe(sha256(deep));
});

test('a payload that SkipUp lists as a failed delivery has the key of its webhook', async () => {
  const raw =
    '{ "event": "meeting_request.booked", "timestamp": "2025-01-20T16:00:00Z", "id": "mr_1", "n": [1.0, null] }';
  const listed = '{"n":[1,null],"id":"mr_1","timestamp":"2025-01-20T16:00:00Z","event":"meeting_request.booked"}';
  const server = await loopback(json(200, { data: [{ id: 'wd_1', payload: JSON.parse(listed) }] }));
  const [delivery] = await clientOf(server).webhookEndpoints.deliveries('we_1').toArray({ limit: 1 });
  expect(webhookDedupeKeyOf(delivery?.payload)).toBe(webhookDedupeKey(raw));
});

test('whatever the event and however its keys stand, the key of the text is the key of the value', () => {
  const shuffled = (value: unknown, seed: number): unknown => {
    if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([name, item]) => [name, shuffled(item, seed)] as const);
    return Object.fromEntries(seed % 2 === 0 ? fields.reverse() : [...fields.slice(1), ...fields.slice(0, 1)]);
  };
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (event, seed) => {
      const text = JSON.stringify(event);
      const key = webhookDedupeKey(text);
      expect(webhookDedupeKeyOf(JSON.parse(text))).toBe(key);
      expect(webhookDedupeKey(JSON.stringify(shuffled(JSON.parse(text), seed), null, seed % 4))).toBe(key);
      // The canonical text says the same as the text it was made of.
      expect(JSON.parse(canonicalJson(JSON.parse(text)) ?? '')).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test.each<[string, unknown, string | undefined]>([
  [
    'keys by their code units',
    { '\u20ac': 1, '\r': 2, '10': 3, '1': 4, '\u{1f600}': 5, '\ufb33': 6 },
    '{"\\r":2,"1":4,"10":3,"€":1,"😀":5,"\ufb33":6}',
  ],
  [
    'numbers as ECMAScript writes them',
    [333333333.3333333, 1e30, 4.5, 0.002, 1e-27, -0],
    '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
  ],
  ['texts escaped no more than needed', ['€$\u000f\nA\'B"\\/', '\ud800'], '["€$\\u000f\\nA\'B\\"\\\\/","\\ud800"]'],
  ['nothing in them', [{}, [], ''], '[{},[],""]'],
  ['fields that are undefined', { a: undefined, b: [undefined] }, '{"b":[null]}'],
  [
    'one object twice',
    (() => {
      const one = { a: 1 };
      return [one, one];
    })(),
    '[{"a":1},{"a":1}]',
  ],
  ['a bigint', { a: 1n }, undefined],
])('canonical JSON with %s', (_name, value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});

test('what is no JSON object has no key of a payload', () => {
  const circular: Record<string, unknown> = {};
  circular.again = [circular];
  for (const payload of [undefined, null, 7, body, Buffer.from(body), [], { a: 1n }, circular]) {
    expect(() => webhookDedupeKeyOf(payload)).toThrow(expect.objectContaining({ code: 'malformed_body' }));
  }
});

test('a parsed body has no key of a raw one', () => {
  expect(() => Reflect.apply(webhookDedupeKey, undefined, [JSON.parse(body)])).toThrow(
    expect.objectContaining({ code: 'malformed_body' }),
  );
});
