import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './outbound-address.ts';
import { OutboundRefusal } from './outbound-target.ts';

/**
 * Looks names up as the system does and hands out public addresses alone. The connection is made to the very addresses that
 * were checked, so that a name that points elsewhere a moment later (DNS rebinding) changes nothing. One address among them
 * that is not public, and none is handed out.
 *
 * @param lookup what asks the system
 */
export function guardedLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const refused = addresses.find(({ address }) => !isPublicAddress(address));
      const [first] = addresses;
      if (refused !== undefined || first === undefined) {
        const where = refused === undefined ? 'nowhere' : `to ${refused.address}, which is not of the public internet`;
        const advice = 'If it is one of yours, name it in stepCalls.allowPrivate.';
        return callback(new OutboundRefusal(`${hostname} leads ${where}. ${advice}`), []);
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
