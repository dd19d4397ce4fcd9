import { createHash } from 'node:crypto';

/**
 * The id of a lead that no CRM knows: the first 16 hex digits of its address's SHA-256. So the same person is the same lead,
 * and no workflow id holds an address.
 */
export function leadIdOfAddress(email: string): string {
  return createHash('sha256').update(email.trim().toLowerCase()).digest('hex').slice(0, 16);
}
