import { isIP } from 'node:net';
import { isPublicAddress } from './outbound-address.ts';

/** A call that was not made, because of where it would have gone. */
export class OutboundRefusal extends Error {
  override readonly name = 'OutboundRefusal';
  readonly code = 'outbound_refused';
}

export interface OutboundTarget {
  url: URL;
  /** The configuration lets this host be called wherever it is: its addresses are not looked at. */
  allowed: boolean;
}

/** Said with every refusal that the configuration could lift. */
const ADVICE = 'If it is one of yours, name it in stepCalls.allowPrivate.';

/**
 * Whether a URL may be called: by https and to the public internet, or to a host that the configuration names. What a name
 * leads to is checked when it is connected to (`guardedLookup`).
 *
 * @param allowPrivate hosts, `name` or `name:port`
 * @throws OutboundRefusal
 */
export function outboundTarget(given: string, allowPrivate: readonly string[]): OutboundTarget {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new OutboundRefusal('The url of the step is none. Write https://host/path.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundRefusal(
      'The url of the step holds a user or a password. Take it out: whatever a step holds is kept.',
    );
  }
  const host = hostOf(url);
  if (isAllowed(url, host, allowPrivate)) return { url, allowed: true };
  if (isIP(host) === 0 ? isPrivateName(host) : !isPublicAddress(host)) {
    throw new OutboundRefusal(`${host} is not of the public internet. ${ADVICE}`);
  }
  if (url.protocol !== 'https:') throw new OutboundRefusal(`${host} is to be called by https. ${ADVICE}`);
  return { url, allowed: false };
}

/** Without the brackets of IPv6 and the dot of a full name. `URL` has already spelled every number the usual way. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isAllowed(url: URL, host: string, allowPrivate: readonly string[]): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const names = [host, `${host}:${port}`, `[${host}]`, `[${host}]:${port}`];
  return allowPrivate.some((entry) => names.includes(entry.trim().toLowerCase()));
}

/** Names that only a private network knows: `erp`, `host.docker.internal`. */
function isPrivateName(host: string): boolean {
  return !host.includes('.') || /\.(?:internal|local|localhost|home\.arpa)$/.test(host);
}
