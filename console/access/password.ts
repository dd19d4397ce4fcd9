import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** What one hash costs: `n` rounds over `128 * n * r` bytes of memory, `p` times. */
export interface PasswordCost {
  n: number;
  r: number;
  p: number;
}

/** 128 MiB and about half a second. Source: OWASP Password Storage Cheat Sheet, scrypt. */
export const PASSWORD_COST: PasswordCost = { n: 2 ** 17, r: 8, p: 1 };

const SHORTEST = 12;
const LONGEST = 200;
const KEY_BYTES = 32;

/** Why a password cannot be taken, in words; undefined when it can. */
export function faultOfPassword(password: string): string | undefined {
  const length = [...password].length;
  if (length < SHORTEST) return `A password has at least ${SHORTEST} characters; this one has ${length}.`;
  return length > LONGEST ? `A password has at most ${LONGEST} characters.` : undefined;
}

/** @returns the hash with all that it takes to verify it: `scrypt$n=131072,r=8,p=1$<salt>$<key>` */
export async function hashPassword(password: string, cost: PasswordCost = PASSWORD_COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `scrypt$${costText(cost)}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** Whether this is the password of a hash. Takes as long when there is no hash: a name that nobody has must not answer sooner. */
export async function isPassword(
  password: string,
  hash: string | undefined,
  cost: PasswordCost = PASSWORD_COST,
): Promise<boolean> {
  const parts = hash === undefined ? undefined : partsOf(hash);
  const key = await derive(password, parts?.salt ?? Buffer.alloc(16), parts?.cost ?? cost);
  return parts !== undefined && parts.key.length === key.length && timingSafeEqual(parts.key, key);
}

/** Whether a hash was made at another cost than they are made at now. */
export function isOutdated(hash: string, cost: PasswordCost = PASSWORD_COST): boolean {
  return !hash.startsWith(`scrypt$${costText(cost)}$`);
}

function costText({ n, r, p }: PasswordCost): string {
  return `n=${n},r=${r},p=${p}`;
}

function partsOf(hash: string): { cost: PasswordCost; salt: Buffer; key: Buffer } | undefined {
  const found = /^scrypt\$n=(\d{1,7}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(hash);
  if (found === null) return undefined;
  const [, n, r, p, salt = '', key = ''] = found;
  return {
    cost: { n: Number(n), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
}

/** The same letters typed on another keyboard are the same password (NFKC; NIST SP 800-63B, 3.1.1.2). */
function derive(password: string, salt: Buffer, { n, r, p }: PasswordCost): Promise<Buffer> {
  // OpenSSL counts a little more than the rounds themselves take.
  const options = { N: n, r, p, maxmem: 128 * r * (n + p) + 1_048_576 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
