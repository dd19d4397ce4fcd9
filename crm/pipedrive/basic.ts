import { equalInConstantTime } from '../constant-time.ts';
import { singleHeader } from '../headers.ts';
import { type InboundRequest, TriggerRefused, type Verified } from '../port.ts';

export interface BasicCredentials {
  /** `http_auth_user` of the webhook. */
  user: string | undefined;
  /** `http_auth_password` of the webhook. */
  password: string | undefined;
}

/** A longer header is none that Pipedrive sends; it is not decoded. */
const MAX_HEADER_LENGTH = 4_096;

/**
 * Checks the HTTP Basic credentials of a webhook: Pipedrive signs nothing, so this is all that tells its requests from
 * anybody's. Use a long random password and HTTPS.
 *
 * The scheme's name may be in any case and may stand beside others (`Bearer …, Basic …`), as proxies leave it. The user
 * ends at the first colon, the password may hold more (RFC 7617); both are compared as UTF-8 and as ISO 8859-1, because
 * the scheme never settled which.
 *
 * @returns the scheme `basic`
 * @throws TriggerRefused `configuration`, `missing_signature`, `malformed_signature` or `no_match`
 */
export function verifyBasic(request: InboundRequest, credentials: BasicCredentials): Verified {
  const { user, password } = expected(credentials);
  const header = singleHeader(request, 'authorization');
  if (header === undefined) {
    throw new TriggerRefused(
      'missing_signature',
      'The request has no Authorization header: set the HTTP Auth user and password of the webhook in Pipedrive.',
    );
  }
  const given = decode(header);
  const matches = [given.toString('utf8'), given.toString('latin1')].map((text) => {
    const colon = text.indexOf(':');
    const isUser = equalInConstantTime(text.slice(0, colon), user);
    const isPassword = equalInConstantTime(text.slice(colon + 1), password);
    return [isUser, isPassword].every(Boolean);
  });
  if (!matches.some(Boolean)) {
    throw new TriggerRefused('no_match', 'The user or password is not the one configured for Pipedrive’s webhook.');
  }
  return { scheme: 'basic' };
}

function expected({ user, password }: BasicCredentials): { user: string; password: string } {
  if (user === undefined || user === '' || password === undefined || password === '') {
    throw new TriggerRefused(
      'configuration',
      'Pipedrive’s webhooks cannot be verified: set PIPEDRIVE_WEBHOOK_USER and PIPEDRIVE_WEBHOOK_PASSWORD.',
    );
  }
  if (user.includes(':')) {
    throw new TriggerRefused('configuration', 'PIPEDRIVE_WEBHOOK_USER holds a colon, which HTTP Basic cannot carry.');
  }
  return { user, password };
}

function decode(header: string): Buffer {
  const parts = header.length > MAX_HEADER_LENGTH ? [] : header.split(',');
  const encoded = parts.map((part) => /^\s*basic +([A-Za-z0-9+/]+={0,2})\s*$/i.exec(part)?.[1]).find(isText);
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (!bytes.includes(':')) {
    throw new TriggerRefused('malformed_signature', 'Authorization is not of the form "Basic base64(user:password)".');
  }
  return bytes;
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
