import { isDate } from 'node:util/types';
import type { WebhookEvent } from './schemas.ts';
import { parseWebhookEvent, webhookBytes } from './webhook-body.ts';
import { parseWebhookSignature, placeOfMatch, webhookDigest } from './webhook-signature.ts';
import { WebhookVerificationError } from './webhook-verification-error.ts';

/** How far the signed time may be from now, in seconds. */
export interface WebhookTolerance {
  pastSeconds: number;
  futureSeconds: number;
}

/**
 * Two hours back: SkipUp repeats a delivery for up to 90 minutes and does not say whether it signs each attempt anew.
 * Replays within that time are what `webhookDedupeKey` is for. Five minutes ahead: clocks differ.
 */
export const DEFAULT_TOLERANCE: WebhookTolerance = { pastSeconds: 7_200, futureSeconds: 300 };

export interface VerifyWebhookOptions {
  /** The raw body, as it came. */
  body: Uint8Array | string;
  /** The value of the `X-Webhook-Signature` header. */
  signature: string | string[] | undefined;
  /** The endpoint's signing secret; several while it is being rotated. */
  secrets: string | readonly string[];
  /** The time to judge by; now when left out. */
  now?: Date | undefined;
  tolerance?: Partial<WebhookTolerance> | undefined;
}

/** The last instant a Date can hold, in seconds. */
const LAST_SECOND = 8.64e12;

/**
 * Checks that a delivery comes from SkipUp and is fresh, and reads it. The signature is checked first, so that every
 * other complaint is about an authentic message.
 *
 * ```ts
 * const event = verifyWebhook({ body: rawBody, signature: headers['x-webhook-signature'], secrets });
 * if (event.event === 'meeting_request.booked') console.log(event.id);
 * ```
 *
 * @returns the event: `event` (its name), `timestamp`, and everything else SkipUp sent; unknown events too
 * @throws WebhookVerificationError and nothing else, whatever comes in, in a time that grows no faster than the input
 *
 * The format is that of SkipUp's webhook reference: `t` is seconds, `v1` hex of HMAC-SHA256 over `{t}.{body}`.
 */
export function verifyWebhook(options: VerifyWebhookOptions): WebhookEvent {
  return verifiedWebhook(options).event;
}

/** A delivery that comes from SkipUp, and how that was seen. */
export interface VerifiedWebhook {
  event: WebhookEvent;
  /** The instant that it was signed for. */
  signedAt: Date;
  /** Which of the given secrets it was signed with, from 1. */
  secret: number;
}

/** As {@link verifyWebhook}, for who wants to write down how it was verified. */
export function verifiedWebhook(options: VerifyWebhookOptions): VerifiedWebhook {
  try {
    return verify(options);
  } catch (error) {
    if (error instanceof WebhookVerificationError) throw error;
    throw new WebhookVerificationError(
      'configuration',
      'verifyWebhook was called with something it cannot read. Pass { body, signature, secrets }.',
      { cause: error },
    );
  }
}

function verify(options: VerifyWebhookOptions): VerifiedWebhook {
  const secrets = checkedSecrets(options.secrets);
  const nowSeconds = checkedNow(options.now);
  const { pastSeconds, futureSeconds } = checkedTolerance(options.tolerance);
  const { timestamp, digests } = parseWebhookSignature(options.signature);
  const body = webhookBytes(options.body);
  const expected = secrets.map((secret) => webhookDigest(secret, timestamp, body));
  const place = placeOfMatch(digests, expected);
  if (place < 0) {
    throw new WebhookVerificationError(
      'no_match',
      'No signature of the delivery matches. Check the signing secret, and that the raw body is passed unchanged.',
    );
  }
  const signedAt = Number(timestamp);
  if (signedAt > LAST_SECOND || signedAt - nowSeconds > futureSeconds) {
    throw new WebhookVerificationError(
      'timestamp_in_future',
      `The delivery was signed for a time more than ${futureSeconds} s ahead. Check this machine's clock.`,
    );
  }
  if (nowSeconds - signedAt > pastSeconds) {
    throw new WebhookVerificationError(
      'timestamp_too_old',
      `The delivery was signed more than ${pastSeconds} s ago. Refuse it, or allow more with tolerance.pastSeconds.`,
    );
  }
  return { event: parseWebhookEvent(body, signedAt), signedAt: new Date(signedAt * 1000), secret: place + 1 };
}

function checkedSecrets(secrets: unknown): string[] {
  const list: unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  const texts = list.filter((secret) => typeof secret === 'string' && secret !== '');
  // An empty secret would let anybody sign; one among several is as wrong as one alone.
  if (texts.length === 0 || texts.length !== list.length) {
    throw configuration('At least one signing secret is needed, and none may be empty.');
  }
  return list.map(String);
}

function checkedNow(now: unknown): number {
  if (now === undefined) return Date.now() / 1000;
  const seconds = isDate(now) ? now.getTime() / 1000 : Number.NaN;
  if (Number.isNaN(seconds)) throw configuration('now must be a valid Date.');
  return seconds;
}

function checkedTolerance(given: Partial<WebhookTolerance> | undefined): WebhookTolerance {
  const pastSeconds = given?.pastSeconds ?? DEFAULT_TOLERANCE.pastSeconds;
  const futureSeconds = given?.futureSeconds ?? DEFAULT_TOLERANCE.futureSeconds;
  for (const seconds of [pastSeconds, futureSeconds]) {
    if (typeof seconds !== 'number' || Number.isNaN(seconds) || seconds < 0) {
      throw configuration('tolerance must be { pastSeconds, futureSeconds }, each 0 or more.');
    }
  }
  return { pastSeconds, futureSeconds };
}

function configuration(message: string): WebhookVerificationError {
  return new WebhookVerificationError('configuration', message);
}
