import { createHash, createHmac } from 'node:crypto';
import { equalInConstantTime } from '../constant-time.ts';
import { singleHeader } from '../headers.ts';
import { type InboundRequest, TriggerRefused, type Verified } from '../port.ts';

export type HubSpotSignatureVersion = 'v3' | 'v2' | 'v1';

export interface HubSpotSignatureOptions {
  /** The app's client secret. */
  clientSecret: string | undefined;
  /**
   * The address under which HubSpot reaches this server, e.g. `https://kickoff.example.com`. The signed URI is built from it
   * and never from the `Host` header, which the sender chooses.
   */
  publicUrl: string | undefined;
  /** v1 and v2 carry no time stamp, so a captured request can be replayed for ever: accepted only when named here. */
  versions: readonly HubSpotSignatureVersion[];
}

/** HubSpot refuses requests older than five minutes; so do we, and as far into the future. */
const HUBSPOT_TOLERANCE_MS = 300_000;

/** The escapes that HubSpot decodes before it signs; every other one stays as it is. */
const DECODED_ESCAPES = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/**
 * Checks HubSpot's signature over a webhook. Source: HubSpot's "Validating requests".
 *
 * v3: `X-HubSpot-Signature-v3` = base64 HMAC-SHA256(secret, method + URI + body + `X-HubSpot-Request-Timestamp`), ms.
 * v2: `X-HubSpot-Signature` = hex SHA-256(secret + method + URI + body). v1: the same without method and URI.
 * A request that carries a v3 signature is judged by it alone: a wrong v3 never falls back to an older one.
 *
 * @returns the version that was verified, and of v3 the instant it was signed for
 * @throws TriggerRefused with a code that names what is wrong
 */
export function verifyHubSpotSignature(request: InboundRequest, options: HubSpotSignatureOptions, now: Date): Verified {
  const secret = options.clientSecret;
  if (secret === undefined || secret === '') {
    throw new TriggerRefused('configuration', 'HubSpot events cannot be verified: set HUBSPOT_CLIENT_SECRET.');
  }
  const v3 = singleHeader(request, 'x-hubspot-signature-v3');
  if (v3 !== undefined && options.versions.includes('v3')) {
    return { scheme: 'v3', signedAt: verifyV3(v3, request, secret, options.publicUrl, now) };
  }
  const older = olderVersion(request, options.versions);
  if (older === undefined) {
    const wanted = options.versions.includes('v3') ? 'X-HubSpot-Signature-v3' : 'X-HubSpot-Signature';
    throw new TriggerRefused('missing_signature', `The request has no accepted signature: ${wanted} is expected.`);
  }
  const expected =
    older.version === 'v2'
      ? [secret, request.method.toUpperCase(), publicUri(request.path, options.publicUrl), request.body]
      : [secret, request.body];
  compare(older.signature.toLowerCase(), hashOf(expected));
  return { scheme: older.version };
}

/** The configured address with the path as received. v2 signs it as it is; v3 decodes the listed escapes first. */
function publicUri(path: string, publicUrl: string | undefined): string {
  if (publicUrl === undefined || publicUrl === '') {
    throw new TriggerRefused(
      'configuration',
      'HubSpot events cannot be verified: set PUBLIC_URL to the address that HubSpot calls.',
    );
  }
  return publicUrl.replace(/\/+$/, '') + path;
}

function verifyV3(
  signature: string,
  request: InboundRequest,
  secret: string,
  publicUrl: string | undefined,
  now: Date,
): Date {
  const uri = publicUri(request.path, publicUrl).replace(DECODED_ESCAPES, (encoded) => decodeURIComponent(encoded));
  const timestamp = singleHeader(request, 'x-hubspot-request-timestamp');
  if (timestamp === undefined) {
    throw new TriggerRefused('missing_signature', 'The header X-HubSpot-Request-Timestamp is missing.');
  }
  if (!/^\d{1,16}$/.test(timestamp)) {
    throw new TriggerRefused('malformed_signature', 'X-HubSpot-Request-Timestamp is not a time in milliseconds.');
  }
  const age = now.getTime() - Number(timestamp);
  if (age > HUBSPOT_TOLERANCE_MS) {
    throw new TriggerRefused(
      'timestamp_too_old',
      'The request is older than 5 minutes. Check the clock of this server.',
    );
  }
  if (age < -HUBSPOT_TOLERANCE_MS) {
    throw new TriggerRefused(
      'timestamp_in_future',
      'The request is more than 5 minutes in the future. Check the clock of this server.',
    );
  }
  const expected = createHmac('sha256', secret)
    .update(request.method.toUpperCase() + uri)
    .update(request.body)
    .update(timestamp)
    .digest('base64');
  compare(signature, expected);
  return new Date(Number(timestamp));
}

function olderVersion(
  request: InboundRequest,
  versions: readonly HubSpotSignatureVersion[],
): { version: 'v1' | 'v2'; signature: string } | undefined {
  const signature = singleHeader(request, 'x-hubspot-signature');
  const version = singleHeader(request, 'x-hubspot-signature-version')?.toLowerCase() ?? 'v1';
  if (signature === undefined || (version !== 'v1' && version !== 'v2') || !versions.includes(version)) {
    return undefined;
  }
  return { version, signature };
}

function hashOf(parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest('hex');
}

function compare(received: string, expected: string): void {
  if (!equalInConstantTime(received, expected)) {
    throw new TriggerRefused(
      'no_match',
      'The signature does not match. Check HUBSPOT_CLIENT_SECRET, and that PUBLIC_URL is exactly the address HubSpot calls.',
    );
  }
}
