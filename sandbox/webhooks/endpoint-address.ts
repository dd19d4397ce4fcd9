import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { BlockList, isIP } from 'node:net';
import { invalid } from '../errors.ts';

/** Whether the rest of the machine's neighbourhood is open to webhooks, besides the machine itself. */
export interface AddressPolicy {
  allowPrivateAddresses: boolean;
}

/** What is not for the world at large, by IANA's special-purpose registries; loopback is looked at apart. */
const CLOSED_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Carrier-grade NAT, some clouds' metadata among it.
  ['100.64.0.0', 10],
  // Link-local: 169.254.169.254 is where clouds hand out credentials.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;
const CLOSED_V6 = [
  // Unspecified, and IPv4 addresses in their oldest disguise.
  ['::', 96],
  // IPv4 addresses as NAT64, 6to4 and Teredo write them.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

const closed = new BlockList();
for (const [net, bits] of CLOSED_V4) closed.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of CLOSED_V6) closed.addSubnet(net, bits, 'ipv6');
/** In a list of its own: Node takes every IPv4 address for one of this subnet. */
const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What an IP address is to this machine. */
export function reachOf(address: string): 'loopback' | 'closed' | 'open' {
  const family = isIP(address);
  if (family === 0) return 'closed';
  if (family === 6 && mapped.check(address, 'ipv6')) return 'closed';
  const type = family === 4 ? 'ipv4' : 'ipv6';
  if (loopback.check(address, type)) return 'loopback';
  return closed.check(address, type) ? 'closed' : 'open';
}

/** A URL's host without the brackets of IPv6 and the dot of a full name. `URL` has already spelled every number the usual way. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return isIP(host) !== 0 && reachOf(host) === 'loopback';
}

/** Names that only a private network knows: `kickoff`, `host.docker.internal`. */
function isPrivateName(host: string): boolean {
  return isIP(host) === 0 && (!host.includes('.') || /\.(?:internal|local|home\.arpa)$/.test(host));
}

/**
 * Whether a webhook endpoint may be at this URL. SkipUp takes HTTPS alone; on this machine HTTP will do, and with
 * `allowPrivateAddresses` on its neighbours, too. What a name resolves to is checked at each delivery.
 *
 * @throws ApiError 422 `validation_error`
 */
export function checkEndpointUrl(given: string, { allowPrivateAddresses }: AddressPolicy): void {
  const url = new URL(given);
  const host = hostOf(url);
  if (isLoopbackHost(host)) return;
  const isPrivate = isPrivateName(host) || (isIP(host) !== 0 && reachOf(host) === 'closed');
  if (isPrivate && allowPrivateAddresses) return;
  if (isPrivate) {
    const why = 'is not a public address; the setting allowPrivateAddresses lets the sandbox deliver there';
    throw invalid(`url: ${host} ${why}.`);
  }
  if (url.protocol !== 'https:') throw invalid('url: The URL must use https.');
}

/** A connection that was not made, because it would have led to an address that is closed. */
export class ClosedAddress extends Error {
  override readonly name = 'ClosedAddress';
  readonly code = 'EADDRCLOSED';
}

/** @throws ClosedAddress for a URL whose host is written as an address that is closed: such a host is never looked up */
export function checkLiteralHost(given: string): void {
  const host = hostOf(new URL(given));
  if (isIP(host) !== 0 && reachOf(host) === 'closed') throw new ClosedAddress(`${host} is not a public address`);
}

/**
 * Looks names up as the system does and hands out addresses that are open or loopback. The connection is made to the very
 * addresses that were checked, so that a name that points elsewhere a moment later (DNS rebinding) changes nothing.
 *
 * @param lookup what asks the system
 */
export function guardedLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const refused = addresses.find(({ address }) => reachOf(address) === 'closed');
      const [first] = addresses;
      if (refused !== undefined) {
        return callback(
          new ClosedAddress(`${hostname} leads to ${refused.address}, which is not a public address`),
          [],
        );
      }
      if (first === undefined) return callback(new ClosedAddress(`${hostname} leads nowhere`), []);
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
