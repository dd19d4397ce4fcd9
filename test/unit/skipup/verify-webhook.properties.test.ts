import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signWebhook, verifyWebhook, WebhookVerificationError, webhookDedupeKey } from '../../../skipup/index.ts';

const T = 1_737_390_600;
const now = new Date(T * 1000);

/** Text with everything in it: lone surrogates, control characters, byte order marks. */
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
const secret = fc.oneof(
  fc.string({ minLength: 1 }),
  anyText.filter((text) => text !== ''),
);

/** Headers that nearly are signatures. */
const nearSignature = fc
  .array(
    fc.tuple(
      fc.constantFrom('t', 'v1', 'v0', ' t', 'T', ''),
      fc.constantFrom('=', '==', '', ' = '),
      fc.oneof(fc.nat().map(String), fc.constantFrom(String(T), 'a'.repeat(64), '9'.repeat(30), 'é'), anyText),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.map((part) => part.join('')).join(','));

function onlyItsOwnError(options: unknown): void {
  try {
    Reflect.apply(verifyWebhook, undefined, [options]);
  } catch (error) {
    expect(error).toBeInstanceOf(WebhookVerificationError);
  }
}

test('whatever comes in, nothing but WebhookVerificationError comes out', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array(), anyText, fc.anything()),
      fc.oneof(nearSignature, anyText, fc.array(nearSignature, { maxLength: 3 }), fc.anything()),
      fc.oneof(secret, fc.array(secret, { maxLength: 3 }), fc.anything()),
      fc.oneof(fc.constant(now), fc.date({ noInvalidDate: false }), fc.anything()),
      fc.oneof(
        fc.constant(undefined),
        fc.record({ pastSeconds: fc.double(), futureSeconds: fc.double() }),
        fc.anything(),
      ),
      (body, signature, secrets, at, tolerance) => onlyItsOwnError({ body, signature, secrets, now: at, tolerance }),
    ),
    { numRuns: 3_000 },
  );
});

test('whatever is signed is at worst a malformed body', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), anyText, fc.json()), secret, (body, key) => {
      const signature = signWebhook({ body, secret: key, timestamp: T });
      try {
        expect(verifyWebhook({ body, signature, secrets: key, now })).toHaveProperty('event');
      } catch (error) {
        expect(error).toMatchObject({ name: 'WebhookVerificationError', code: 'malformed_body' });
      }
    }),
    { numRuns: 1_000 },
  );
});

test('every signed event verifies, as text and as bytes, among other parts, under any of several secrets', () => {
  fc.assert(
    fc.property(
      fc.record({ event: fc.string({ minLength: 1 }), timestamp: fc.string({ minLength: 1 }), more: fc.jsonValue() }),
      secret,
      fc.array(secret, { maxLength: 3 }),
      fc.integer({ min: -300, max: 7_200 }),
      fc.array(fc.constantFrom('v0=x', 'v1=00', 'w', `v1=${'0'.repeat(64)}`), { maxLength: 4 }),
      (payload, key, others, age, noise) => {
        const body = JSON.stringify(payload);
        const parts = [
          ...noise,
          ...signWebhook({ body, secret: key, timestamp: T - age })
            .split(',')
            .reverse(),
        ];
        const options = { signature: parts.join(','), secrets: [...others, key], now };
        const { event, timestamp } = verifyWebhook({ ...options, body });
        expect({ event, timestamp }).toEqual({ event: payload.event, timestamp: payload.timestamp });
        expect(verifyWebhook({ ...options, body: Buffer.from(body) }).event).toBe(payload.event);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a changed byte, anywhere in the body, never verifies', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (body, at, change) => {
      const signature = signWebhook({ body, secret: 's', timestamp: T });
      const changed = Uint8Array.from(body, (byte, index) => (index === at % body.length ? byte ^ change : byte));
      expect(() => verifyWebhook({ body: changed, signature, secrets: 's', now })).toThrow(
        expect.objectContaining({ code: 'no_match' }),
      );
      expect(webhookDedupeKey(changed)).not.toBe(webhookDedupeKey(body));
    }),
    { numRuns: 500 },
  );
});
