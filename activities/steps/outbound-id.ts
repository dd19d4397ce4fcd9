import { createHash } from 'node:crypto';

/** A key for what a step makes, the same at every repetition and telling nothing of the deal: 64 hexadecimal digits. */
export function idempotencyKeyOf(marker: string): string {
  return createHash('sha256').update(marker).digest('hex');
}

/**
 * An id for what a step makes, the same at every repetition: made as a name-based UUID is, with SHA-256, and written as
 * version 4, which is the only one that Linear takes from its callers.
 */
export function uuidOf(marker: string): string {
  const bytes = createHash('sha256').update(marker).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
