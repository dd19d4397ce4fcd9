import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import {
  signWebhook,
  type VerifyWebhookOptions,
  verifyWebhook,
  WebhookVerificationError,
  type WebhookVerificationErrorCode,
} from '../../../skipup/index.ts';

const SECRET = 'whsec_test_secret';
const T = 1_737_390_600;
const now = new Date(T * 1000);
const BOOKED =
  '{ "event": "meeting_request.booked", "timestamp": "2025-01-20T16:00:00Z", "id": "mr_01HQ", "calendar_event_id": "evt_abc123", "status": "booked", "booked_at": "2025-01-20T16:00:00Z" }';

/** The digest, made here a second time with nothing of the code under test. */
function digest(body: string | Uint8Array, t: string | number = T, secret = SECRET): string {
  return createHmac('sha256', secret)
    .update(Buffer.concat([Buffer.from(`${t}.`), Buffer.from(body)]))
    .digest('hex');
}

function header(body: string | Uint8Array, t: string | number = T, secret = SECRET): string {
  return `t=${t},v1=${digest(body, t, secret)}`;
}

function verify(options: Partial<VerifyWebhookOptions> = {}) {
  return verifyWebhook({ body: BOOKED, signature: header(BOOKED), secrets: SECRET, now, ...options });
}

/** The code it throws, having checked that it throws nothing else. */
function codeOf(run: () => unknown): WebhookVerificationErrorCode {
  try {
    run();
  } catch (error) {
    if (error instanceof WebhookVerificationError) return error.code;
    throw error;
  }
  throw new Error('It should have thrown, and did not');
}

/** For what the types forbid and a JavaScript caller does all the same. */
function called(options: unknown): unknown {
  return Reflect.apply(verifyWebhook, undefined, [options]);
}

const good = digest(BOOKED);
const bad = '0'.repeat(64);

test('a signed delivery is returned as its event', () => {
  const event = verify();
  expect(event).toEqual(JSON.parse(BOOKED));
  expect(event.event).toBe('meeting_request.booked');
  expect(event.calendar_event_id).toBe('evt_abc123');
});

test('a digest that openssl has made verifies', () => {
  // printf '1706000000.%s' "$body" | openssl dgst -sha256 -hmac whsec_test_secret
  const body = '{"event":"test","timestamp":"2025-01-20T14:30:00Z","message":"Test webhook delivery"}';
  const signature = 't=1706000000,v1=f96a719e57586c26a4decf32b08e6c2b826442bc9642913fd0c70b66d614a061';
  const event = verifyWebhook({ body, signature, secrets: 'whsec_test_secret', now: new Date(1_706_000_000_000) });
  expect(event).toEqual({ event: 'test', timestamp: '2025-01-20T14:30:00Z', message: 'Test webhook delivery' });
});

test.each<[string, string | string[]]>([
  ['v1 before t', `v1=${good},t=${T}`],
  ['spaces around the parts', ` t=${T} , v1=${good} `],
  ['a wrong v1 before the right one', `t=${T},v1=${bad},v1=${good}`],
  ['a wrong v1 after the right one', `t=${T},v1=${good},v1=${bad}`],
  ['a v1 that is no digest beside the right one', `t=${T},v1=nonsense,v1=,v1=${good}`],
  ['unknown schemes', `v0=${bad},t=${T},v2=zzz,v1=${good},foo,=,bar=1=2`],
  ['a digest in capitals', `t=${T},v1=${good.toUpperCase()}`],
  ['the same t twice, as a joined header has it', `t=${T},v1=${good}, t=${T},v1=${good}`],
  ['the header as an array', [`t=${T}`, `v1=${good}`]],
])('%s is accepted', (_name, signature) => {
  expect(verify({ signature })).toMatchObject({ id: 'mr_01HQ' });
});

test.each<[WebhookVerificationErrorCode, string, unknown]>([
  ['missing_signature', 'no header', undefined],
  ['missing_signature', 'null', null],
  ['missing_signature', 'an empty header', ''],
  ['missing_signature', 'spaces', '   '],
  ['missing_signature', 'an empty array', []],
  ['malformed_signature', 'a number', 7],
  ['malformed_signature', 'an object', { t: T, v1: good }],
  ['malformed_signature', 'an array of numbers', [7]],
  ['malformed_signature', 'other text', 'sha256=abc'],
  ['malformed_signature', 'no t', `v1=${good}`],
  ['malformed_signature', 'no v1', `t=${T}`],
  ['malformed_signature', 'an empty v1', `t=${T},v1=`],
  ['malformed_signature', 'an empty t', `t=,v1=${good}`],
  ['malformed_signature', 'a negative t', `t=-${T},v1=${good}`],
  ['malformed_signature', 't with a fraction', `t=${T}.5,v1=${good}`],
  ['malformed_signature', 't with an exponent', `t=1e9,v1=${good}`],
  ['malformed_signature', 't in hex', `t=0x1f,v1=${good}`],
  ['malformed_signature', 't in other digits', `t=١٢٣,v1=${good}`],
  ['malformed_signature', 't with trailing text', `t=${T}abc,v1=${good}`],
  ['malformed_signature', 'two different t', `t=${T},t=${T + 1},v1=${good}`],
  ['malformed_signature', 'names in capitals', `T=${T},V1=${good}`],
  ['malformed_signature', 'more than any server takes', `t=${T},v1=${good},${'x'.repeat(1024 * 1024)}`],
  ['malformed_signature', 'an array of more', Array.from({ length: 20 }, () => 'x'.repeat(100_000))],
  ['no_match', 'a wrong digest', `t=${T},v1=${bad}`],
  ['no_match', 'a digest that is too short', `t=${T},v1=${good.slice(1)}`],
  ['no_match', 'a digest that is too long', `t=${T},v1=${good}0`],
  ['no_match', 'a digest that is no hex', `t=${T},v1=${'ü'.repeat(64)}`],
  ['no_match', 'the right digest of another time', `t=${T + 1},v1=${good}`],
  ['no_match', 'the right digest under another scheme', `t=${T},v0=${good},v1=${bad}`],
])('%s: %s', (code, _name, signature) => {
  expect(codeOf(() => called({ body: BOOKED, signature, secrets: SECRET, now }))).toBe(code);
});

test.each<[string, unknown]>([
  ['none', undefined],
  ['an empty one', ''],
  ['an empty list', []],
  ['an empty one among others', [SECRET, '']],
  ['a number', 7],
  ['a list of numbers', [7]],
])('secrets that are %s are the receiver’s own fault', (_name, secrets) => {
  expect(codeOf(() => called({ body: BOOKED, signature: header(BOOKED), secrets, now }))).toBe('configuration');
});

test('an empty secret never verifies, even what was signed with it', () => {
  expect(codeOf(() => verify({ secrets: [''], signature: header(BOOKED, T, '') }))).toBe('configuration');
});

test('during a rotation the old and the new secret both verify, a third does not', () => {
  const secrets = ['old', 'new'];
  expect(verify({ secrets, signature: header(BOOKED, T, 'old') })).toMatchObject({ id: 'mr_01HQ' });
  expect(verify({ secrets, signature: header(BOOKED, T, 'new') })).toMatchObject({ id: 'mr_01HQ' });
  expect(codeOf(() => verify({ secrets, signature: header(BOOKED, T, 'third') }))).toBe('no_match');
});

test.each<[string, unknown]>([
  ['a now that is no date', { now: 'now' }],
  ['an invalid now', { now: new Date(Number.NaN) }],
  ['a tolerance below nothing', { tolerance: { pastSeconds: -1 } }],
  ['a tolerance that is no number', { tolerance: { futureSeconds: Number.NaN } }],
  ['a tolerance in text', { tolerance: { pastSeconds: '300' } }],
])('%s is the receiver’s own fault', (_name, options) => {
  const all = { body: BOOKED, signature: header(BOOKED), secrets: SECRET, now, ...Object(options) };
  expect(codeOf(() => called(all))).toBe('configuration');
});

test.each([[undefined], [null], [7], ['x'], [{}]])('called with %s it throws its own error', (options) => {
  expect(codeOf(() => called(options))).toBe('configuration');
});

test('options that throw when read still end in its own error', () => {
  const hostile = {
    body: BOOKED,
    secrets: SECRET,
    get signature(): string {
      throw new TypeError('boo');
    },
  };
  expect(codeOf(() => called(hostile))).toBe('configuration');
});

test.each<[number, number, WebhookVerificationErrorCode | 'accepted']>([
  [7_200, 0, 'accepted'],
  [7_201, 0, 'timestamp_too_old'],
  [0, 300, 'accepted'],
  [0, 301, 'timestamp_in_future'],
])('by default %i s in the past and %i s in the future is %s', (past, future, outcome) => {
  const run = () => verify({ now: new Date((T + past - future) * 1000) });
  if (outcome === 'accepted') expect(run()).toMatchObject({ id: 'mr_01HQ' });
  else expect(codeOf(run)).toBe(outcome);
});

test('the tolerance can be set, each side alone', () => {
  const later = new Date((T + 301) * 1000);
  const earlier = new Date((T - 301) * 1000);
  expect(codeOf(() => verify({ now: later, tolerance: { pastSeconds: 300 } }))).toBe('timestamp_too_old');
  expect(codeOf(() => verify({ now: earlier, tolerance: { pastSeconds: 300 } }))).toBe('timestamp_in_future');
  expect(verify({ now: earlier, tolerance: { pastSeconds: 0, futureSeconds: 600 } })).toMatchObject({ id: 'mr_01HQ' });
  const never = { pastSeconds: Number.POSITIVE_INFINITY, futureSeconds: Number.POSITIVE_INFINITY };
  expect(verify({ now: new Date(0), tolerance: never })).toMatchObject({ id: 'mr_01HQ' });
});

test.each(['9'.repeat(12), '9'.repeat(20), '9'.repeat(400), '9'.repeat(100_000)])(
  'a signed time beyond all dates is in the future, however long',
  (t) => {
    expect(codeOf(() => verify({ signature: header(BOOKED, t) }))).toBe('timestamp_in_future');
    const tolerance = { pastSeconds: 1, futureSeconds: Number.POSITIVE_INFINITY };
    const run = () => verify({ body: '{"event":"x"}', signature: header('{"event":"x"}', t), tolerance });
    if (t.length > 13) expect(codeOf(run)).toBe('timestamp_in_future');
    else expect(run()).toMatchObject({ event: 'x', timestamp: '+033658-09-27T01:46:39.000Z' });
  },
);

test('an old delivery with a wrong signature is a wrong signature first', () => {
  expect(codeOf(() => verify({ signature: `t=1,v1=${bad}` }))).toBe('no_match');
});

test('without now the clock is used', () => {
  const t = Math.floor(Date.now() / 1000);
  expect(verifyWebhook({ body: BOOKED, signature: header(BOOKED, t), secrets: SECRET })).toMatchObject({
    id: 'mr_01HQ',
  });
  expect(codeOf(() => verifyWebhook({ body: BOOKED, signature: header(BOOKED), secrets: SECRET }))).toBe(
    'timestamp_too_old',
  );
});

test('the raw bytes count: the same JSON written otherwise does not match', () => {
  expect(codeOf(() => verify({ body: JSON.stringify(JSON.parse(BOOKED)) }))).toBe('no_match');
  expect(codeOf(() => verify({ body: `${BOOKED}\n` }))).toBe('no_match');
});

test.each<[string, Uint8Array]>([
  ['a Buffer', Buffer.from(BOOKED)],
  ['a Uint8Array', new TextEncoder().encode(BOOKED)],
  ['a view into a larger buffer', Buffer.from(`xx${BOOKED}xx`).subarray(2, -2)],
  ['an array of another realm', runInNewContext('Uint8Array.from(bytes)', { bytes: [...Buffer.from(BOOKED)] })],
])('the body may be %s', (_name, body) => {
  expect(verify({ body })).toMatchObject({ id: 'mr_01HQ' });
});

test('text beyond ASCII is signed as UTF-8', () => {
  const body = '{"event":"test","timestamp":"2025-01-20T14:30:00Z","message":"Grüße 👋 日本"}';
  expect(verify({ body, signature: header(body) }).message).toBe('Grüße 👋 日本');
  expect(verify({ body: Buffer.from(body), signature: header(body) }).message).toBe('Grüße 👋 日本');
});

test.each<[string, unknown]>([
  ['a parsed object', { event: 'test' }],
  ['nothing', undefined],
  ['null', null],
  ['a list of numbers', [1, 2]],
  ['an ArrayBuffer', new ArrayBuffer(3)],
])('a body that is %s cannot be verified', (_name, body) => {
  expect(codeOf(() => called({ body, signature: header(BOOKED), secrets: SECRET, now }))).toBe('malformed_body');
});

test.each<[string, string | Uint8Array]>([
  ['empty', ''],
  ['no JSON', 'event=test'],
  ['JSON that breaks off', '{"event":"te'],
  ['a number', '7'],
  ['null', 'null'],
  ['a list', '[{"event":"test"}]'],
  ['a string', '"test"'],
  ['an object without a name', '{"timestamp":"2025-01-20T14:30:00Z"}'],
  ['an object with an empty name', '{"event":"","timestamp":"2025-01-20T14:30:00Z"}'],
  ['an object with a name that is none', '{"event":7,"type":null}'],
  ['invalid UTF-8', Buffer.from('{"event":"a\xff\xfe"}', 'latin1')],
  ['half a UTF-8 sequence', Buffer.from('{"event":"a\xc3"}', 'latin1')],
  ['UTF-16', Buffer.from(`\ufeff${BOOKED}`, 'utf16le')],
  ['nested deeply and never closed', '['.repeat(100_000)],
])('a signed body that is %s is malformed, and is not quoted', (_name, body) => {
  const run = () => verify({ body, signature: header(body) });
  expect(codeOf(run)).toBe('malformed_body');
  try {
    run();
  } catch (error) {
    expect(inspect(error)).not.toContain('te"');
  }
});

test('a byte order mark is signed with the rest and then dropped', () => {
  const body = `\ufeff${BOOKED}`;
  expect(verify({ body, signature: header(body) })).toMatchObject({ id: 'mr_01HQ' });
  expect(verify({ body: Buffer.from(body), signature: header(body) })).toMatchObject({ id: 'mr_01HQ' });
  expect(codeOf(() => verify({ body }))).toBe('no_match');
});

test.each<[string, string, object]>([
  ['event as text', '{"event":"a","type":"b","timestamp":"t"}', { event: 'a', type: 'b' }],
  [
    'event.type',
    '{"event":{"type":"a","id":"mr_1"},"type":"b","timestamp":"t"}',
    { event: 'a', type: 'b', id: 'mr_1' },
  ],
  ['type', '{"type":"b","timestamp":"t"}', { event: 'b', type: 'b' }],
  ['type beside an event without one', '{"event":{"id":"x"},"type":"b","timestamp":"t"}', { event: 'b' }],
  [
    'a name nobody knows yet',
    '{"event":"meeting_request.rescheduled","timestamp":"t"}',
    { event: 'meeting_request.rescheduled' },
  ],
])('the event’s name is read from %s', (_name, body, expected) => {
  expect(verify({ body, signature: header(body) })).toMatchObject({ ...expected, timestamp: 't' });
});

test.each(['{"event":"a"}', '{"event":"a","timestamp":""}', '{"event":"a","timestamp":1737390600}'])(
  'an authentic event without a readable time takes the signed one: %s',
  (body) => {
    expect(verify({ body, signature: header(body) }).timestamp).toBe(now.toISOString());
  },
);

test('unknown fields are kept, odd ones read as absent, and prototypes stay as they are', () => {
  const body = '{"event":"a","timestamp":"t","id":7,"new":{"x":[1]},"__proto__":{"polluted":true},"constructor":1}';
  const event = verify({ body, signature: header(body) });
  expect(event.id).toBeUndefined();
  expect(event.new).toEqual({ x: [1] });
  expect(event.polluted).toBeUndefined();
  expect(Object('x').polluted).toBeUndefined();
});

test('no error shows a secret or the right digest', () => {
  for (const signature of [undefined, 'x', `t=${T},v1=${bad}`]) {
    try {
      verify({ signature });
      expect.unreachable();
    } catch (error) {
      const shown = inspect(error, { showHidden: true, depth: 9 });
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain(good);
    }
  }
});

test.each<[string, () => unknown]>([
  [
    'ten thousand digests, the last one right',
    () => verify({ signature: `t=${T},${`v1=${bad},`.repeat(9_999)}v1=${good}` }),
  ],
  ['a header of 16 KB', () => codeOf(() => verify({ signature: `t=${T},v1=${'a'.repeat(16_384)}` }))],
  ['a megabyte of commas', () => codeOf(() => verify({ signature: ','.repeat(1024 * 1024 - 1) }))],
  ['a megabyte of empty digests', () => codeOf(() => verify({ signature: `t=${T}${',v1='.repeat(250_000)}` }))],
  [
    'a megabyte of digits and a letter',
    () => codeOf(() => verify({ signature: `t=${'1'.repeat(1_000_000)}x,v1=${good}` })),
  ],
  ['a megabyte of spaces', () => codeOf(() => verify({ signature: `t=${' '.repeat(1_000_000)}1,v1=${good}x` }))],
  [
    'a body of a megabyte, nested',
    () => {
      const body = `{"event":"a","timestamp":"t","x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
      return verify({ body, signature: header(body) });
    },
  ],
  [
    'a body with a hundred thousand fields',
    () => {
      const fields = Array.from({ length: 100_000 }, (_, index) => `"k${index}":${index}`).join(',');
      const body = `{"event":"a","timestamp":"t",${fields}}`;
      return verify({ body, signature: header(body) });
    },
  ],
])('%s takes no noticeable time', (_name, run) => {
  const before = process.cpuUsage();
  expect(run()).toBeDefined();
  const { user, system } = process.cpuUsage(before);
  // On the processor, measured at 1 to 200 ms; a quadratic scan would take minutes.
  expect((user + system) / 1000).toBeLessThan(3_000);
});

test.each([
  ['16 KB beyond ASCII', 'é'.repeat(16_384)],
  ['16 KB of t and v1 beyond ASCII', 't=日,v1=本,'.repeat(1_638)],
  ['half of a surrogate pair', `t=${T},v1=\ud800`],
  ['a NUL', `t=${T}\0,v1=${good}`],
  ['a byte order mark', `\ufefft=x,v1=${good}`],
])('a header with %s gets a typed answer', (_name, signature) => {
  expect(['malformed_signature', 'no_match']).toContain(codeOf(() => verify({ signature })));
});

test('what signWebhook signs, verifies; and it signs as SkipUp documents', () => {
  const signature = signWebhook({ body: BOOKED, secret: SECRET, timestamp: T });
  expect(signature).toBe(`t=${T},v1=${good}`);
  expect(signWebhook({ body: Buffer.from(BOOKED), secret: SECRET, timestamp: new Date(T * 1000 + 999) })).toBe(
    signature,
  );
  expect(verify({ signature })).toMatchObject({ id: 'mr_01HQ' });
});

test('signWebhook refuses what nobody could verify', () => {
  expect(codeOf(() => signWebhook({ body: 'x', secret: '', timestamp: T }))).toBe('configuration');
  for (const timestamp of [-1, 1.5, Number.NaN, new Date(Number.NaN)]) {
    expect(codeOf(() => signWebhook({ body: 'x', secret: SECRET, timestamp }))).toBe('configuration');
  }
});
