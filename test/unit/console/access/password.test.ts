import { describe, expect, it } from 'vitest';
import {
  faultOfPassword,
  hashPassword,
  isOutdated,
  isPassword,
  PASSWORD_COST,
} from '../../../../console/access/password.ts';

const CHEAP = { n: 2, r: 1, p: 1 };
const PASSWORD = 'correct horse battery staple';

describe('a password', () => {
  it('is kept as a salted hash with what it takes to verify it, at the cost that is recommended', async () => {
    const hash = await hashPassword(PASSWORD);
    expect(hash).toMatch(/^scrypt\$n=131072,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(hash).not.toContain('horse');
    expect(isOutdated(hash)).toBe(false);
    expect(await isPassword(PASSWORD, hash)).toBe(true);
    expect(await isPassword(`${PASSWORD} `, hash)).toBe(false);
  });

  it('has another hash each time', async () => {
    expect(await hashPassword(PASSWORD, CHEAP)).not.toBe(await hashPassword(PASSWORD, CHEAP));
  });

  it('is verified at the cost of its hash, which is outdated when that is not today’s', async () => {
    const hash = await hashPassword(PASSWORD, CHEAP);
    expect(await isPassword(PASSWORD, hash, { n: 4, r: 1, p: 1 })).toBe(true);
    expect(isOutdated(hash, { n: 4, r: 1, p: 1 })).toBe(true);
    expect(isOutdated(hash, PASSWORD_COST)).toBe(true);
    expect(isOutdated(hash, CHEAP)).toBe(false);
  });

  it('is the same from a keyboard that composes letters in another way', async () => {
    expect(
      await isPassword('Zürich an der Limmat'.normalize('NFD'), await hashPassword('Zürich an der Limmat', CHEAP)),
    ).toBe(true);
  });

  it.each([undefined, '', 'scrypt', 'scrypt$n=2,r=1,p=1$AA$', 'plain', 'bcrypt$n=2,r=1,p=1$AA$AA'])(
    'is nobody’s where the hash is none: %j',
    async (hash) => expect(await isPassword('', hash, CHEAP)).toBe(false),
  );

  it.each([
    ['eleven char', 'at least 12'],
    ['🔑'.repeat(11), 'this one has 11'],
    ['x'.repeat(201), 'at most 200'],
  ])('has 12 to 200 characters: %s', (password, message) => expect(faultOfPassword(password)).toContain(message));

  it.each(['twelve chars', 'x'.repeat(200), '🔑'.repeat(12)])('may be %s', (password) =>
    expect(faultOfPassword(password)).toBeUndefined(),
  );
});
