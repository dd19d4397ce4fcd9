import { BlockList, isIP } from 'node:net';

/**
 * IPv4 ranges that are not for the world at large. Source: IANA's IPv4 special-purpose address registry; besides it
 * Azure's 168.63.129.16, which looks like any address and answers a machine about itself. The metadata of the other clouds
 * is link-local (169.254.169.254), shared (100.100.100.200) or of the IETF's block (192.0.0.192).
 */
const CLOSED_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  // Relays of 6to4.
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Of IPv6 only this is given out to the world: no mapped or translated IPv4 address (::ffff:0:0/96, 64:ff9b::/96) is in it. */
const OPEN_V6 = ['2000::', 3] as const;
/** And within it these are not. Source: IANA's IPv6 special-purpose address registry. */
const CLOSED_V6 = [
  // Teredo, benchmarking and ORCHID among them.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4 has an IPv4 address inside, whichever.
  ['2002::', 16],
  ['3fff::', 20],
] as const;

/** A list for each family: Node looks an IPv6 address that wraps an IPv4 one up in both. */
const closedV4 = new BlockList();
for (const [net, bits] of CLOSED_V4) closedV4.addSubnet(net, bits, 'ipv4');
const openV6 = new BlockList();
openV6.addSubnet(...OPEN_V6, 'ipv6');
const closedV6 = new BlockList();
for (const [net, bits] of CLOSED_V6) closedV6.addSubnet(net, bits, 'ipv6');

/** Whether an IP address is one of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  // A zone (`fe80::1%eth0`) is for links of this machine alone.
  if (address.includes('%')) return false;
  const family = isIP(address);
  if (family === 4) return !closedV4.check(address, 'ipv4');
  return family === 6 && openV6.check(address, 'ipv6') && !closedV6.check(address, 'ipv6');
}
