import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits of chance, as text that stands in a cookie, an address or a form as it is. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a text could be one of ours: what comes with a request is looked at before anything is done with it. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{43}$/.test(text);
}

/** What is kept of a token: who reads the database cannot sign in with it. SHA-256, hex. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Compares two texts in a time that tells nothing about where they differ. */
export function isSame(given: unknown, wanted: string): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
