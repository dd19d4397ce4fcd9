import type { StakeholderKey } from '../../database/index.ts';
import { isEmail, type Stakeholder } from '../../registry/index.ts';

/**
 * A row of the registry as an address and the audit log name it: `ann@acme.example of acme`, with `, deal 5012` where it is
 * one deal's. What an id holds besides is written as in an address.
 */
export function personKeyText({
  email,
  accountId,
  dealId = '',
}: Pick<Stakeholder, 'email' | 'accountId' | 'dealId'>): string {
  const deal = dealId === '' ? '' : `, deal ${encodeURIComponent(dealId)}`;
  return `${email} of ${encodeURIComponent(accountId)}${deal}`;
}

const KEY = /^(\S+) of ([^\s,]+)(?:, deal ([^\s,]+))?$/;

/** @returns undefined when the text names no row */
export function personKey(text: string): StakeholderKey | undefined {
  const [, email = '', account = '', deal = ''] = KEY.exec(text) ?? [];
  if (!isEmail(email) || email !== email.toLowerCase()) return undefined;
  try {
    const [accountId, dealId] = [decodeURIComponent(account), decodeURIComponent(deal)];
    // PostgreSQL's text has no NUL.
    return (accountId + dealId).includes('\0') ? undefined : { email, accountId, dealId };
  } catch (error) {
    // A sign that is no part of one.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
