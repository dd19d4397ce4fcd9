import { createHmac } from 'node:crypto';
import { equalInConstantTime } from '../constant-time.ts';
import { singleHeader } from '../headers.ts';
import { type InboundRequest, TriggerRefused, type Verified } from '../port.ts';

/** What is verified, in words, and the variables that its secrets and tokens stand in. */
export interface VerifiedKind {
  events: string;
  secrets: string;
  tokens: string;
}

export const DEAL_EVENTS: VerifiedKind = {
  events: 'Deal events',
  secrets: 'DEAL_TRIGGER_SECRETS',
  tokens: 'DEAL_TRIGGER_TOKENS',
};

export interface GenericVerifyOptions {
  kind: VerifiedKind;
  /** Signing secrets; several at once while one is being replaced. */
  secrets: readonly string[];
  /** Bearer tokens, for senders that cannot sign. */
  tokens: readonly string[];
  tolerance: { pastSeconds: number; futureSeconds: number };
}

/** A longer header is no signature of ours; its parts are not looked at. */
const MAX_HEADER_LENGTH = 4_096;

/**
 * Checks an event that came as our own JSON: `X-Webhook-Signature: t=<unix seconds>,v1=<hex>` with
 * HMAC-SHA256(secret, t + "." + body), the scheme of SkipUp's webhooks; or `Authorization: Bearer <token>`.
 *
 * A signature that is there is judged alone: a wrong one is not saved by a token.
 *
 * @returns the scheme `t,v1`, with the instant it was signed for, or `bearer`; and which secret or token it was
 * @throws TriggerRefused with a code that names what is wrong
 */
export function verifyGenericRequest(request: InboundRequest, options: GenericVerifyOptions, now: Date): Verified {
  if (options.secrets.length === 0 && options.tokens.length === 0) {
    throw new TriggerRefused(
      'configuration',
      `${options.kind.events} cannot be verified: set ${options.kind.secrets} (signing) or ${options.kind.tokens} (bearer tokens).`,
    );
  }
  const header = singleHeader(request, 'x-webhook-signature');
  if (header !== undefined && options.secrets.length > 0) {
    return { scheme: 't,v1', ...verifySignature(header, request.body, options, now) };
  }
  const token = /^Bearer +(\S+)$/i.exec(singleHeader(request, 'authorization') ?? '')?.[1];
  if (token === undefined || options.tokens.length === 0) {
    const expected = options.secrets.length > 0 ? 'X-Webhook-Signature' : 'Authorization: Bearer';
    throw new TriggerRefused('missing_signature', `The request is not signed: send ${expected}.`);
  }
  const place = placeOfMatch([token], options.tokens);
  if (place === undefined) {
    throw new TriggerRefused('no_match', `The bearer token is not one of those configured in ${options.kind.tokens}.`);
  }
  return { scheme: 'bearer', secret: place };
}

function verifySignature(
  header: string,
  body: Uint8Array,
  options: GenericVerifyOptions,
  now: Date,
): { signedAt: Date; secret: number } {
  const { timestamp, signatures } = readHeader(header);
  const age = Math.floor(now.getTime() / 1000) - Number(timestamp);
  if (age > options.tolerance.pastSeconds) {
    throw new TriggerRefused(
      'timestamp_too_old',
      `The signature is older than ${options.tolerance.pastSeconds} s. Sign each request when it is sent.`,
    );
  }
  if (age < -options.tolerance.futureSeconds) {
    throw new TriggerRefused(
      'timestamp_in_future',
      `The signature is more than ${options.tolerance.futureSeconds} s in the future. Send t in seconds; check the clocks.`,
    );
  }
  const expected = options.secrets.map((secret) => genericSignature(secret, timestamp, body));
  const secret = placeOfMatch(signatures, expected);
  if (secret === undefined) {
    throw new TriggerRefused('no_match', 'The signature does not match: HMAC-SHA256 over "<t>.<raw body>", in hex.');
  }
  return { signedAt: new Date(Number(timestamp) * 1000), secret };
}

/** The `v1` value for a body at a time (unix seconds). */
export function genericSignature(secret: string, timestamp: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
}

function readHeader(header: string): { timestamp: string; signatures: string[] } {
  const parts = header.length > MAX_HEADER_LENGTH ? [] : header.split(',').map((part) => part.trim());
  const valuesOf = (name: string) =>
    parts.filter((part) => part.startsWith(name)).map((part) => part.slice(name.length));
  const [timestamp, ...more] = valuesOf('t=');
  const signatures = valuesOf('v1=').map((value) => value.toLowerCase());
  if (timestamp === undefined || more.length > 0 || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0) {
    throw new TriggerRefused(
      'malformed_signature',
      'X-Webhook-Signature is not of the form t=<unix seconds>,v1=<hex>.',
    );
  }
  return { timestamp, signatures };
}

/** The candidate that one of the values is, from 1. Looks at all of them, so that the time does not tell which it was. */
function placeOfMatch(values: readonly string[], candidates: readonly string[]): number | undefined {
  let place: number | undefined;
  for (const [index, candidate] of candidates.entries()) {
    const matches = values.map((value) => equalInConstantTime(value, candidate));
    if (matches.includes(true)) place ??= index + 1;
  }
  return place;
}
