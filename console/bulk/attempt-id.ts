import { createHash } from 'node:crypto';

/**
 * The id of what a bulk action does to one kickoff: the same whenever it is asked for, so that going on after a crash repeats
 * nothing. A UUID of version 8 (RFC 9562), made of a SHA-256.
 */
export function attemptIdOf(bulk: string, workflowId: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([bulk, workflowId]))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
