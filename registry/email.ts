import { z } from 'zod';

/**
 * The form in which addresses are compared and kept: trimmed and lower-cased.
 *
 * @returns undefined for an absent or blank one
 */
export function normaliseEmail(text: string | undefined): string | undefined {
  const email = text?.trim().toLowerCase();
  return email === '' ? undefined : email;
}

/** RFC 5321: 254 characters at most. */
export function isEmail(text: string): boolean {
  // The length first: a megabyte is no work for a regular expression.
  return text.length <= 254 && z.regexes.email.test(text);
}

export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1);
}

/** Two people at one of these do not for that reason work for the same company. */
const PUBLIC_DOMAINS = new Set([
  'aol.com',
  'gmail.com',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hotmail.com',
  'icloud.com',
  'live.com',
  'mail.com',
  'me.com',
  'msn.com',
  'outlook.com',
  'pm.me',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'web.de',
  'yahoo.com',
  'yandex.com',
  'zoho.com',
]);

/** @returns the company's domain, or undefined for an address at a public mail provider. */
export function companyDomain(email: string): string | undefined {
  const domain = domainOf(email);
  return PUBLIC_DOMAINS.has(domain) ? undefined : domain;
}
