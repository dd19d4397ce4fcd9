import { equalInConstantTime } from '../constant-time.ts';
import { type InboundRequest, TriggerRefused, type Verified } from '../port.ts';
import { parseOutboundMessage } from './outbound-message.ts';
import { isRecordId } from './record-id.ts';

export interface OutboundMessageTrust {
  /** Any of these is accepted as the last segment of the path; several while one replaces another. */
  tokens: readonly string[];
  /** 15 or 18 characters. */
  organizationId: string | undefined;
}

/**
 * Checks an Outbound Message, which Salesforce does not sign: the address that it comes to is the secret, and it names the
 * organization that sent it.
 *
 * The token is checked before the body is looked at, against every configured token, in constant time.
 *
 * @returns the scheme, and which of the tokens it was
 * @throws TriggerRefused `configuration`, `missing_signature` (no token in the path), `no_match` (another token or
 *   organization), `malformed_body`
 */
export function verifyOutboundMessage(request: InboundRequest, trust: OutboundMessageTrust): Verified {
  const tokens = trust.tokens.filter((token) => token !== '');
  if (tokens.length === 0) {
    throw new TriggerRefused('configuration', 'No Salesforce trigger token is configured: nothing can be accepted.');
  }
  const expected = expectedOrganization(trust.organizationId);
  const token = tokenOf(request.path);
  if (token === '') {
    throw new TriggerRefused('missing_signature', 'The path has no token. Send to /triggers/salesforce/<token>.');
  }
  const matches = tokens.map((configured) => equalInConstantTime(configured, token));
  const place = matches.indexOf(true);
  if (place < 0) {
    throw new TriggerRefused('no_match', 'The token in the path is none of the configured ones.');
  }
  if (expected !== undefined && parseOutboundMessage(request.body).organizationId.slice(0, 15) !== expected) {
    throw new TriggerRefused('no_match', 'The message comes from another Salesforce organization.');
  }
  return { scheme: 'secret path', secret: place + 1 };
}

/** The form of 15 characters and the one of 18 share their first 15. */
function expectedOrganization(organizationId: string | undefined): string | undefined {
  if (organizationId === undefined || organizationId === '') {
    return undefined;
  }
  if (!isRecordId(organizationId)) {
    throw new TriggerRefused('configuration', 'The Salesforce organization id is not one of 15 or 18 characters.');
  }
  return organizationId.slice(0, 15);
}

function tokenOf(path: string): string {
  const [withoutQuery = ''] = path.split(/[?#]/, 1);
  const segment = /\/salesforce\/([^/]+)$/.exec(withoutQuery)?.[1] ?? '';
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not an encoding at all, so compared as it is.
    return segment;
  }
}
